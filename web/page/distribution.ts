/** A histogram as bars: only the buckets that matter, each as a share of all values. */
import { duration } from "./format.ts";

export type Bars = {
  /** Bounds of the bars, one more than there are bars; Infinity above the last edge. */
  readonly bounds: readonly number[];
  /** One a bar; all undefined where nothing was measured. */
  readonly recent: readonly (number | undefined)[];
  readonly sinceStart: readonly (number | undefined)[];
  /** Index into `bounds` of the threshold; undefined without one. */
  readonly thresholdAt: number | undefined;
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const shares = (counts: readonly number[]): readonly (number | undefined)[] => {
  const total = sum(counts);
  return counts.map((value) => (total === 0 ? undefined : value / total));
};

/**
 * @param edges inclusive upper bounds in seconds, ascending
 * @param threshold in seconds; the registry makes each threshold an edge
 */
export function barsOf(
  edges: readonly number[],
  { recent, sinceStart }: { readonly recent: readonly number[]; readonly sinceStart: readonly number[] },
  threshold: number | undefined,
): Bars {
  const bounds = [0, ...edges, Infinity];
  const isUsed = (bar: number): boolean => (sinceStart[bar] ?? 0) > 0 || (recent[bar] ?? 0) > 0;
  const bars = Array.from({ length: edges.length + 1 }, (_, bar) => bar);
  const thresholdBound = threshold === undefined ? -1 : bounds.findIndex((bound) => Math.abs(bound - threshold) < 1e-9);
  const around = thresholdBound < 0 ? [] : [thresholdBound - 1, thresholdBound];
  const used = [...bars.filter(isUsed), ...around];
  const first = Math.max(0, Math.min(...used, edges.length));
  const last = Math.min(edges.length, Math.max(...used, first));
  return {
    bounds: bounds.slice(first, last + 2),
    recent: shares(recent).slice(first, last + 1),
    sinceStart: shares(sinceStart).slice(first, last + 1),
    thresholdAt: thresholdBound < 0 ? undefined : thresholdBound - first,
  };
}

/** The share of values within the threshold; undefined without values or without a threshold. */
export function shareWithin(
  edges: readonly number[],
  counts: readonly number[],
  threshold: number | undefined,
): number | undefined {
  const at = threshold === undefined ? -1 : edges.findIndex((edge) => Math.abs(edge - threshold) < 1e-9);
  const total = sum(counts);
  return at < 0 || total === 0 ? undefined : sum(counts.slice(0, at + 1)) / total;
}

/** A bucket in words. */
export const bucketName = (from: number, to: number): string =>
  to === Infinity ? `above ${duration(from)}` : `${duration(from)} to ${duration(to)}`;
