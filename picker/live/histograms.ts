/** The histograms of the live page by objective, each family read once. */
import { requestMetrics, type HistogramSnapshot, type MetricRegistry } from "#metrics";

/** Histograms that are shown, by the name they are shown under. */
const shownHistograms = {
  ttft: requestMetrics.ttftSeconds,
  tpot: requestMetrics.tpotSeconds,
  e2e: requestMetrics.durationSeconds,
  queue: requestMetrics.queueSeconds,
} as const;

export type ShownHistogram = keyof typeof shownHistograms;
export const shownHistogramNames = ["ttft", "tpot", "e2e", "queue"] as const satisfies readonly ShownHistogram[];

/** Objective → its histogram over all models. */
export type ByObjective = ReadonlyMap<string, HistogramSnapshot>;

const addedTo = (a: HistogramSnapshot, b: HistogramSnapshot): HistogramSnapshot => ({
  edges: a.edges,
  counts: a.counts.map((count, bucket) => count + b.counts[bucket]!),
  sum: a.sum + b.sum,
  count: a.count + b.count,
});

function byObjective(registry: MetricRegistry, pool: string, shown: ShownHistogram): ByObjective {
  const found = new Map<string, HistogramSnapshot>();
  for (const { labels, histogram } of registry.histograms(shownHistograms[shown], { pool })) {
    const known = found.get(labels.objective);
    found.set(labels.objective, known === undefined ? histogram : addedTo(known, histogram));
  }
  return found;
}

/** Every shown histogram of every objective that has one. */
export const readHistograms = (
  registry: MetricRegistry,
  pool: string,
): Readonly<Record<ShownHistogram, ByObjective>> => ({
  ttft: byObjective(registry, pool, "ttft"),
  tpot: byObjective(registry, pool, "tpot"),
  e2e: byObjective(registry, pool, "e2e"),
  queue: byObjective(registry, pool, "queue"),
});
