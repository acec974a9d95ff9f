/** Whether a sheddable request that arrives now can be served in time. */
import type { Milliseconds } from "#units";
import type { WaitPrediction } from "../refusal/drain-rate.ts";
import type { Expiry } from "./time-limits.ts";

/**
 * How much too long the predicted wait of a new arrival is; undefined: it can be in time, or nothing is known. The unknown
 * waits.
 * @returns time until the queue is short enough, if nothing else arrives; Infinity where it does not drain for its band
 */
export function infeasibleForMs({ atMs }: Expiry, wait: WaitPrediction, nowMs: Milliseconds): Milliseconds | undefined {
  if (atMs === undefined || wait.kind === "unknown") return undefined;
  const waitMs = wait.kind === "infinite" ? Infinity : wait.waitMs;
  const leftMs = Math.max(0, atMs - nowMs);
  return waitMs > leftMs ? waitMs - leftMs : undefined;
}
