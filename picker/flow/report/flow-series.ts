/** The series of flow control, made once so that counting a request is a few additions into an array. */
import { flowMetrics, type Counter, type Histogram, type MetricRegistry } from "#metrics";
import { flowOutcomes, type FlowOutcome } from "../flow-events.ts";

type LabelValues<K extends keyof typeof flowMetrics, L extends string> = (typeof flowMetrics)[K] extends {
  readonly values: infer V;
}
  ? V[L & keyof V] extends readonly (infer T)[]
    ? T
    : never
  : never;
/** The `outcome` label of a counter. */
type OutcomeLabel = LabelValues<"outcomesTotal", "outcome">;
/** The `outcome` label of the wait: all refusals as one, so that the histogram stays small. */
export type WaitOutcome = LabelValues<"waitSeconds", "outcome">;

/** Label values of outcomes, in the order of `flowOutcomes`. */
export const outcomeLabels: Readonly<Record<FlowOutcome, OutcomeLabel>> = {
  dispatched: "dispatched",
  "client-gone": "client_gone",
  saturated: "saturated",
  infeasible: "infeasible",
  late: "late",
  "queue-full": "queue_full",
  "queue-full-no-endpoints": "queue_full_no_endpoints",
  displaced: "displaced",
  "ttl-expired": "ttl_expired",
  "ttl-expired-no-endpoints": "ttl_expired_no_endpoints",
  evicted: "evicted",
  "no-endpoints": "no_endpoints",
  "filtered-out": "filtered_out",
  "no-band": "no_band",
  "shutting-down": "shutting_down",
  "shutting-down-queued": "shutting_down_queued",
};

/** What became of a request, as the wait tells it apart. */
export function waitOutcome(outcome: FlowOutcome): WaitOutcome {
  if (outcome === "dispatched") return "dispatched";
  return outcome === "client-gone" ? "client_gone" : "refused";
}

/** What is counted and observed when a request leaves with one outcome. */
export type OutcomeSeries = { readonly count: Counter; readonly wait: Histogram; readonly would: Counter };

/** The series of one objective. */
export type ObjectiveFlowSeries = {
  readonly outcomes: Readonly<Record<FlowOutcome, OutcomeSeries>>;
  readonly dispatchedTokens: Counter;
  readonly evicted: Counter;
  readonly demoted: Counter;
  readonly wouldTtft: Readonly<Record<"met" | "missed", Counter>>;
};

/** Creates every series of an objective at 0. */
export function objectiveFlowSeries(registry: MetricRegistry, pool: string, objective: string): ObjectiveFlowSeries {
  const labels = { pool, objective };
  const outcomeSeries = (outcome: FlowOutcome): OutcomeSeries => ({
    count: registry.counter(flowMetrics.outcomesTotal, { ...labels, outcome: outcomeLabels[outcome] }),
    wait: registry.histogram(flowMetrics.waitSeconds, { ...labels, outcome: waitOutcome(outcome) }),
    would: registry.counter(flowMetrics.wouldOutcomesTotal, { ...labels, outcome: outcomeLabels[outcome] }),
  });
  const wouldTtft = (verdict: "met" | "missed"): Counter =>
    registry.counter(flowMetrics.wouldTtftTotal, { ...labels, verdict });
  return {
    outcomes: Object.fromEntries(flowOutcomes.map((outcome) => [outcome, outcomeSeries(outcome)])) as Record<
      FlowOutcome,
      OutcomeSeries
    >,
    dispatchedTokens: registry.counter(flowMetrics.dispatchedTokensTotal, labels),
    evicted: registry.counter(flowMetrics.evictedTotal, labels),
    demoted: registry.counter(flowMetrics.demotedTotal, labels),
    wouldTtft: { met: wouldTtft("met"), missed: wouldTtft("missed") },
  };
}
