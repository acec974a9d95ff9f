import { unreachable } from "#errors";
import type { FairnessSettings } from "../settings.ts";
import type { Fairness } from "./fairness.ts";
import { globalStrict } from "./global-strict.ts";
import { programAware } from "./program-aware.ts";
import { roundRobin } from "./round-robin.ts";
import { weightedCost } from "./weighted-cost.ts";

/** A policy with no history. */
export function createFairness(settings: FairnessSettings): Fairness {
  switch (settings.kind) {
    case "global-strict":
      return globalStrict();
    case "round-robin":
      return roundRobin();
    case "program-aware":
      return programAware(settings);
    case "weighted-cost":
      return weightedCost(settings);
    default:
      return unreachable(settings);
  }
}
