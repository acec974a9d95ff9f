import type { Milliseconds, Ratio, Tokens } from "#units";
import { DrainRate, type WaitPrediction } from "./refusal/drain-rate.ts";
import { waitOf } from "./refusal/retry-after.ts";

/** What goes before a new request. */
export type Ahead = { readonly requests: number; readonly tokens: Tokens };

const nothingAhead: Ahead = { requests: 0, tokens: 0 };

/** How long a request that arrives now waits for room, from how fast the queue has drained. */
export class RoomForecast {
  readonly drain = new DrainRate();
  readonly #minShare: Ratio;

  /** @param minShare of the drained tokens that sheddable bands get together */
  constructor(minShare: Ratio) {
    this.#minShare = minShare;
  }

  predict(priority: number, ahead: Ahead, nowMs: Milliseconds): WaitPrediction {
    const guaranteedShare = priority < 0 ? this.#minShare : 0;
    const position = { priority, aheadRequests: ahead.requests, aheadTokens: ahead.tokens, guaranteedShare };
    return this.drain.predict(position, nowMs);
  }

  /**
   * Time until a request like this one, sent again, is served in time: until the queue before it takes no longer than it
   * may wait, and a turn of its own at the least. undefined: unknown.
   * @param allowanceMs how long it may wait; undefined: without limit
   */
  untilServableMs(
    priority: number,
    ahead: Ahead,
    allowanceMs: Milliseconds | undefined,
    nowMs: Milliseconds,
  ): Milliseconds | undefined {
    const turnMs = waitOf(this.predict(priority, nothingAhead, nowMs)) ?? 0;
    const waitMs = waitOf(this.predict(priority, ahead, nowMs), allowanceMs ?? Infinity);
    return waitMs === undefined ? undefined : Math.max(turnMs, waitMs);
  }
}
