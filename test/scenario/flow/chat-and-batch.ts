/** People who chat, and jobs that can wait. */
import {
  defaultPeriodMs,
  ObjectiveTable,
  type InferenceObjective,
  type LatencyThresholds,
  type ServiceLevel,
} from "#objective";
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

/** An objective of a scenario, and what it promises. */
export const promised = (
  name: string,
  priority: number,
  thresholds: LatencyThresholds,
  target: Ratio,
): { readonly objective: InferenceObjective; readonly level: ServiceLevel } => ({
  objective: { namespace: "default", name, poolName: undefined, priority },
  level: { thresholds, target, periodMs: defaultPeriodMs, sheddedAs: "missed" },
});

/**
 * A full batch of the simulated server takes 40 ms a token, and a prompt of chat some 60 ms in an idle one; its first token
 * is promised in a second, so that it may wait for a place for much longer than it takes.
 */
export const chatThresholds: LatencyThresholds = { ttftMs: 1000, tpotMs: 60 };

export const objectives = new ObjectiveTable([
  promised("chat", 1, chatThresholds, 0.99),
  promised("batch", -1, { ttftMs: 20_000 }, 0.9),
]);
