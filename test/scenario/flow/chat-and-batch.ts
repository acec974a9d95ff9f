/** People who chat, and jobs that can wait. */
import { defaultPeriodMs, ObjectiveTable, type LatencyThresholds, type ServiceLevel } from "#objective";
import type { Ratio } from "#units";
import type { Source } from "./traffic.ts";

/** A quarter of the work where as many requests are chat as are batch. */
export const chat: Source = {
  name: "chat",
  objective: "chat",
  tenant: "web",
  promptTokens: [128, 384],
  outputTokens: [32, 96],
  perSecond: 1,
  spacing: "poisson",
};

export const batch: Source = {
  name: "batch",
  objective: "batch",
  tenant: "nightly",
  promptTokens: [256, 768],
  outputTokens: [96, 288],
  perSecond: 1,
  spacing: "poisson",
};

const level = (thresholds: LatencyThresholds, target: Ratio): ServiceLevel => ({
  thresholds,
  target,
  periodMs: defaultPeriodMs,
  sheddedAs: "missed",
});

const objective = (name: string, priority: number) => ({ namespace: "default", name, poolName: undefined, priority });

/**
 * A full batch of the simulated server takes 40 ms a token, and a prompt of chat some 60 ms in an idle one; its first token
 * is promised in a second, so that it may wait for a place for much longer than it takes.
 */
export const objectives = new ObjectiveTable([
  { objective: objective("chat", 1), level: level({ ttftMs: 1000, tpotMs: 60 }, 0.99) },
  { objective: objective("batch", -1), level: level({ ttftMs: 20_000 }, 0.9) },
]);
