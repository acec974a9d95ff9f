import type { Seconds } from "#units";

const general: readonly Seconds[] = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60, 120, 180, 240,
  300, 360, 480, 600, 900, 1200, 1800, 2700, 3600,
];
const longestTtft: Seconds = 120;

/**
 * Histogram edges before any configured threshold is added to them, in seconds, ascending.
 * `duration`, `ttft`, `tpot`, `queue` are those of the field's Endpoint Picker, so that existing panels read alike.
 * Source: llm-d-router pkg/epp/metrics: request duration, TTFT, TPOT, flow-control queue duration.
 */
export const baseEdges = {
  duration: general,
  ttft: general.filter((edge) => edge <= longestTtft),
  tpot: [0.0005, 0.00205, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.125, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 2],
  queue: [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  decision: [0.00001, 0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1],
  scrape: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2],
} as const satisfies Readonly<Record<string, readonly Seconds[]>>;

/** True when every edge is finite, at least 0 and above the one before it, and there is one. */
export const areEdges = (edges: ArrayLike<number>): boolean => {
  for (let i = 0; i < edges.length; i++) {
    const edge = edges[i]!;
    if (!(edge >= 0 && edge < Infinity) || (i > 0 && edge <= edges[i - 1]!)) return false;
  }
  return edges.length > 0;
};

/** Both sets of edges as one, ascending, each once. */
export const unionEdges = (base: readonly number[], added: readonly number[]): Float64Array =>
  Float64Array.from(new Set([...base, ...added])).sort();
