import type { Milliseconds } from "#units";
import type { Endpoint } from "./endpoint.ts";

/**
 * The whole pool at one instant, swapped by reference once a tick. Readers keep the one they started with and never lock.
 * The columns hold one number an endpoint in the order of `endpoints`; NaN where it is unknown.
 */
export type PoolSnapshot = {
  /** Grows by one with each snapshot. */
  readonly version: number;
  readonly takenAtMs: Milliseconds;
  readonly endpoints: readonly Endpoint[];
  readonly waitingRequests: Float64Array;
  readonly runningRequests: Float64Array;
  readonly kvCacheUsageRatio: Float64Array;
};

const column = (endpoints: readonly Endpoint[], read: (endpoint: Endpoint) => number | undefined): Float64Array =>
  Float64Array.from(endpoints, (endpoint) => read(endpoint) ?? Number.NaN);

/** Builds a snapshot and its columns from the endpoints. */
export const makeSnapshot = (
  version: number,
  takenAtMs: Milliseconds,
  endpoints: readonly Endpoint[],
): PoolSnapshot => ({
  version,
  takenAtMs,
  endpoints,
  waitingRequests: column(endpoints, ({ metrics }) => metrics?.waitingRequests),
  runningRequests: column(endpoints, ({ metrics }) => metrics?.runningRequests),
  kvCacheUsageRatio: column(endpoints, ({ metrics }) => metrics?.kvCacheUsageRatio),
});

/** The snapshot before the first one: version 0, no endpoints. */
export const emptySnapshot: PoolSnapshot = makeSnapshot(0, 0, []);
