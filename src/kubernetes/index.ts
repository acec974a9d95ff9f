/** Custom resources as documents, and what they mean to the domain. */
export type { InferenceObjectiveResource, InferenceSloResource } from "./resource.ts";
export {
  attainApiVersion,
  inferenceObjectiveResource,
  inferenceSloResource,
  objectiveApiVersions,
} from "./resource.ts";
export { serviceLevelOf } from "./service-level.ts";
export type { DecodedObjectives, Objectives, ObjectiveWithLevel } from "./objectives.ts";
export { decodeObjectives, objectiveOf } from "./objectives.ts";
