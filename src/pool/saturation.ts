import type { Milliseconds, Ratio } from "#units";
import { freshness } from "./endpoint.ts";
import type { PoolSnapshot } from "./snapshot.ts";

/** From when on an endpoint counts as full. Defaults of the field's utilization-detector. */
export type SaturationThresholds = { readonly waitingRequests: number; readonly kvCacheUsageRatio: Ratio };
export const defaultSaturationThresholds: SaturationThresholds = { waitingRequests: 5, kvCacheUsageRatio: 0.8 };

/**
 * How full the pool is: the mean over fresh endpoints of max(waiting / threshold, KV usage / threshold), each clamped
 * to [0, 1] so that one endpoint's long queue does not stand for the whole pool.
 * @returns undefined where no endpoint is fresh: unknown, neither full nor empty
 * Source: llm-d-router, utilization-detector.
 */
export function poolSaturation(
  snapshot: PoolSnapshot,
  nowMs: Milliseconds,
  staleAfterMs: Milliseconds,
  thresholds: SaturationThresholds = defaultSaturationThresholds,
): Ratio | undefined {
  let sum = 0;
  let fresh = 0;
  for (const { metrics } of snapshot.endpoints) {
    if (metrics === undefined || freshness(metrics, nowMs, staleAfterMs) !== "fresh") continue;
    const { waitingRequests, kvCacheUsageRatio } = metrics;
    if (waitingRequests === undefined && kvCacheUsageRatio === undefined) continue;
    const queue = (waitingRequests ?? 0) / thresholds.waitingRequests;
    const cache = (kvCacheUsageRatio ?? 0) / thresholds.kvCacheUsageRatio;
    sum += Math.min(1, Math.max(queue, cache));
    fresh++;
  }
  return fresh === 0 ? undefined : sum / fresh;
}
