import type { ObjectiveWithLevel } from "#kubernetes";
import { alertedObjectives } from "./alerted-objective.ts";
import { objectiveAlerts } from "./objective-alerts.ts";
import { recordingRules } from "./objective-rules.ts";
import { flowAlerts } from "./flow-alerts.ts";
import type { AlertOptions } from "./options.ts";
import { pickerAlerts } from "./picker-alerts.ts";
import { poolAlerts } from "./pool-alerts.ts";
import type { RuleGroup } from "./rule.ts";

/**
 * Every rule: a group for each objective that promises something, its recordings first, then pools, their flow control, and pickers.
 * @throws AlertPeriodError for a service level whose period is too short to alert on
 */
export function ruleGroups(objectives: readonly ObjectiveWithLevel[], options: AlertOptions): readonly RuleGroup[] {
  const intervalMs = options.evaluationIntervalMs;
  return [
    ...alertedObjectives(objectives, options).map((objective) => ({
      name: ["attain", "objective", objective.pool, objective.name].filter((part) => part !== undefined).join("-"),
      intervalMs,
      rules: [...recordingRules(objective, options), ...objectiveAlerts(objective, options)],
    })),
    { name: "attain-pool", intervalMs, rules: poolAlerts(options) },
    { name: "attain-flow", intervalMs, rules: flowAlerts(options) },
    { name: "attain-picker", intervalMs, rules: pickerAlerts(options) },
  ];
}
