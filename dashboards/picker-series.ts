import { pickerMetrics, processMetrics } from "#metrics";
import { and, type Vector } from "#promql";
import { ofPicker, scoped } from "./scope.ts";

export const decisions = scoped(pickerMetrics.decisionDurationSeconds, ofPicker);
export const streamsOpen = scoped(pickerMetrics.streamsOpen, ofPicker);
export const loopDelay = scoped(pickerMetrics.eventLoopDelaySeconds, ofPicker);

/** `process_` series are everybody's: keeps those of pickers. */
export const ofPickersOnly = (vector: Vector<"job" | "instance">): Vector<"job" | "instance"> =>
  and(vector, streamsOpen, { on: ["job", "instance"] });
export const startTime = ofPickersOnly(scoped(processMetrics.startTimeSeconds, ofPicker));
export const memory = ofPickersOnly(scoped(processMetrics.residentMemoryBytes, ofPicker));
