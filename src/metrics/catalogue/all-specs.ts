import type { MetricSpec } from "../spec.ts";
import { endpointMetrics } from "./endpoint.ts";
import { flowMetrics } from "./flow.ts";
import { objectiveMetrics } from "./objective.ts";
import { pickerMetrics } from "./picker.ts";
import { poolMetrics } from "./pool.ts";
import { processMetrics } from "./process.ts";
import { requestMetrics } from "./request.ts";

/** Every metric that Attain exposes under its own name, area by area. */
export const allSpecs: readonly MetricSpec[] = [
  objectiveMetrics,
  requestMetrics,
  endpointMetrics,
  flowMetrics,
  poolMetrics,
  pickerMetrics,
  processMetrics,
].flatMap((area): readonly MetricSpec[] => Object.values(area));
