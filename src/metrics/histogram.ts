import type { Ratio, Seconds } from "#units";

/** One observed value that points to the trace of its request. Source: OpenMetrics 1.0, exemplars. */
export type Exemplar = {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** In the spec's unit. */
  readonly value: number;
  /** Unix time. */
  readonly atSeconds: Seconds;
};

/** A histogram at one instant. */
export type HistogramSnapshot = {
  /** Inclusive upper bounds in the spec's unit, ascending, without +Inf. */
  readonly edges: readonly number[];
  /** Values in each bucket alone, not cumulative; one more than there are edges, the last being above all of them. */
  readonly counts: readonly number[];
  /** Sum of the finite values. */
  readonly sum: number;
  readonly count: number;
};

/**
 * The value below which the share `q` of the counted values lies, read as PromQL's histogram_quantile reads it: values
 * are taken to be spread evenly over their bucket, the lowest bucket starts at 0, and a rank in the +Inf bucket gives
 * the last edge. For pictures and tables; verdicts are counted, never read from buckets.
 * @returns in the unit of the edges; undefined when nothing was counted, there is no edge, or `q` is outside [0, 1]
 */
export function quantileOf(histogram: HistogramSnapshot, q: Ratio): number | undefined {
  const { edges, counts, count } = histogram;
  const lastEdge = edges.at(-1);
  if (count === 0 || lastEdge === undefined || !(q >= 0 && q <= 1)) return undefined;
  const rank = q * count;
  let below = 0;
  for (let i = 0; i < edges.length; i++) {
    const inside = counts[i] ?? 0;
    if (inside > 0 && below + inside >= rank) {
      const start = i === 0 ? 0 : edges[i - 1]!;
      return start + (edges[i]! - start) * ((rank - below) / inside);
    }
    below += inside;
  }
  return lastEdge;
}
