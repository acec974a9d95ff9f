/** Counters of flow control since the start, as the rolling windows sample them; each family is read once. */
import { flowMetrics, type MetricRegistry } from "#metrics";
import { flowOutcomes } from "../flow/flow-events.ts";
import { outcomeLabels } from "../flow/report/flow-series.ts";

/** Requests that left flow control, in the order of `flowOutcomes`. */
export function outcomeCounts(registry: MetricRegistry, pool: string): readonly number[] {
  const byLabel = new Map<string, number>();
  for (const { labels, value } of registry.values(flowMetrics.outcomesTotal, { pool })) {
    byLabel.set(labels.outcome, (byLabel.get(labels.outcome) ?? 0) + value);
  }
  return flowOutcomes.map((outcome) => byLabel.get(outcomeLabels[outcome]) ?? 0);
}

/**
 * What enforcing would have done. Evicted requests were dispatched before, and are among the refused. The last two are of
 * requests with a TTFT target that would have been served.
 */
export type WouldCounts = readonly [
  dispatched: number,
  refused: number,
  evicted: number,
  ttftMet: number,
  ttftMissed: number,
];

type WouldSums = { dispatched: number; refused: number; evicted: number; ttftMet: number; ttftMissed: number };

const noneYet: WouldSums = { dispatched: 0, refused: 0, evicted: 0, ttftMet: 0, ttftMissed: 0 };

/** By objective. */
export function readWould(registry: MetricRegistry, pool: string): ReadonlyMap<string, WouldCounts> {
  const found = new Map<string, WouldSums>();
  const of = (objective: string): WouldSums => {
    let counts = found.get(objective);
    if (counts === undefined) found.set(objective, (counts = { ...noneYet }));
    return counts;
  };
  for (const { labels, value } of registry.values(flowMetrics.wouldOutcomesTotal, { pool })) {
    if (labels.outcome === "client_gone") continue;
    const counts = of(labels.objective);
    counts[labels.outcome === "dispatched" ? "dispatched" : "refused"] += value;
    if (labels.outcome === "evicted") counts.evicted += value;
  }
  for (const { labels, value } of registry.values(flowMetrics.wouldTtftTotal, { pool })) {
    of(labels.objective)[labels.verdict === "met" ? "ttftMet" : "ttftMissed"] += value;
  }
  return new Map(
    [...found].map(([name, { dispatched, refused, evicted, ttftMet, ttftMissed }]) => [
      name,
      [dispatched, refused, evicted, ttftMet, ttftMissed] as const,
    ]),
  );
}
