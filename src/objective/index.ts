/** InferenceObjectives, their service levels, and the one definition of met and missed. */
export type {
  Dimension,
  DimensionVerdict,
  InferenceObjective,
  LatencyThresholds,
  MissReason,
  RefusalReason,
  RequestOutcome,
  ServiceLevel,
  Verdict,
} from "./objective.ts";
export { defaultPeriodMs, dimensions, isSheddable, missReasons, verdicts } from "./objective.ts";
export type { Judgement, RequestObservation } from "./judge.ts";
export { judge } from "./judge.ts";
export type { Attainment } from "./attainment.ts";
export { attainmentRatio, burnRate, errorBudget, errorBudgetRemaining } from "./attainment.ts";
export type { ObjectiveEntry } from "./objective-table.ts";
export { ObjectiveTable, noObjectiveName, unknownObjectiveName } from "./objective-table.ts";
