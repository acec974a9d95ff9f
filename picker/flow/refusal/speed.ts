import { unreachable } from "#errors";
import type { Milliseconds, Tokens } from "#units";
import type { Rates } from "./rate-window.ts";

/** How fast a band drains. */
export type Speed = {
  readonly requestsPerMs: number;
  readonly tokensPerMs: number;
  /** Variance of the count of a millisecond. */
  readonly variancePerMs: number;
  /** Of `requestsPerMs`. */
  readonly squaredError: number;
  /** Last instant at which one left; undefined: not since requests wait. */
  readonly lastDrainMs: Milliseconds | undefined;
};

/** What a place in the queue is measured in; `slower` takes the longer of both waits. */
export type DrainMeasure = "requests" | "tokens" | "slower";

export const squaredErrorOf = ({ variancePerMs, measuredMs }: Rates): number => variancePerMs / measuredMs;

export const speedOf = (rates: Rates, lastDrainMs: Milliseconds | undefined): Speed => ({
  ...rates,
  squaredError: squaredErrorOf(rates),
  lastDrainMs,
});

/** The average wait behind so much at a speed above 0: until all of it has gone, and a turn. */
export function waitAt(
  speed: Speed,
  aheadRequests: number,
  aheadTokens: Tokens,
  measure: DrainMeasure,
  nowMs: Milliseconds,
): Milliseconds {
  const turnMs = 1 / speed.requestsPerMs;
  const sinceMs = speed.lastDrainMs === undefined ? 0 : nowMs - speed.lastDrainMs;
  const ownTurnMs = Math.max(turnMs / 2, turnMs - sinceMs);
  const byRequests = aheadRequests * turnMs;
  const byTokens = aheadTokens === 0 || speed.tokensPerMs <= 0 ? 0 : aheadTokens / speed.tokensPerMs;
  switch (measure) {
    case "requests":
      return ownTurnMs + byRequests;
    case "tokens":
      return ownTurnMs + (speed.tokensPerMs > 0 ? byTokens : byRequests);
    case "slower":
      return ownTurnMs + Math.max(byRequests, byTokens);
    default:
      return unreachable(measure);
  }
}
