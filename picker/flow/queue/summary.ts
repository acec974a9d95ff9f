import type { Bytes, Milliseconds, Tokens } from "#units";
import type { Band } from "./band.ts";

export type BandSummary = {
  readonly priority: number;
  readonly isStatic: boolean;
  readonly requests: number;
  readonly bytes: Bytes;
  /** Expected, prompt and output. */
  readonly tokens: Tokens;
  /** Since the arrival of the request enqueued first; undefined: nothing is queued. */
  readonly oldestAgeMs: Milliseconds | undefined;
  /** With something queued. */
  readonly busyFlows: number;
  /** Empty, with a history their fairness policy remembers. */
  readonly idleFlows: number;
};

export type QueueSummary = {
  readonly requests: number;
  readonly bytes: Bytes;
  readonly tokens: Tokens;
  /** Highest priority first. */
  readonly bands: readonly BandSummary[];
  /** Bands, of the lowest priorities, left out of `bands`. */
  readonly omittedBands: number;
};

export const summarizeBand = (band: Band, nowMs: Milliseconds): BandSummary => ({
  priority: band.priority,
  isStatic: band.isStatic,
  requests: band.requests,
  bytes: band.bytes,
  tokens: band.tokens,
  oldestAgeMs: band.oldest === undefined ? undefined : Math.max(0, nowMs - band.oldest.request.arrivedAtMs),
  busyFlows: band.busyFlows,
  idleFlows: band.idleFlows,
});
