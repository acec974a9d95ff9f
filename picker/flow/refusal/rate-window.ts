import type { Milliseconds, Tokens } from "#units";

export type RateWindowSettings = {
  readonly bucketMs: Milliseconds;
  /** How much of the clock is looked back on at the least. */
  readonly windowMs: Milliseconds;
  /** How much of it is looked back on at most, while what is older agrees with what is newer. */
  readonly longestMs: Milliseconds;
  /** Looked back on for longer than `windowMs` where fewer happened, whether it agrees or not. */
  readonly minEvents: number;
  /** Taken to have passed at least, so that the first two events are no flood. */
  readonly leastElapsedMs: Milliseconds;
  /** Two rates agree within this many standard errors of their difference. */
  readonly agreement: number;
};

/** Measured over the part of the window that has passed. */
export type Rates = {
  readonly events: number;
  readonly requestsPerMs: number;
  readonly tokensPerMs: number;
  /** Variance of the count per millisecond; over the time measured it is the square of the error of `requestsPerMs`. */
  readonly variancePerMs: number;
  readonly measuredMs: Milliseconds;
};

type Sums = { elapsedMs: Milliseconds; requests: number; tokens: Tokens; variance: number };

const noSums: Readonly<Sums> = { elapsedMs: 0, requests: 0, tokens: 0, variance: 0 };

/**
 * Events a millisecond over a sliding window of a clock that the owner drives, so that the clock may stand still. A bucket
 * closes at an event, never between two: where events are rarer than buckets each bucket holds one, with its whole gap.
 *
 * The window is as long as the rate has been the same. From `windowMs` on it doubles for as long as the older half agrees
 * with the newer one: a steady rate becomes known ever better, and one that changed is known from its last change.
 */
export class RateWindow {
  readonly #settings: RateWindowSettings;
  readonly #elapsed: Float64Array;
  readonly #requests: Float64Array;
  readonly #tokens: Float64Array;
  readonly #variance: Float64Array;
  #closed = 0;
  #next = 0;
  #openedAtMs: Milliseconds;
  #open: Sums = { ...noSums };
  /** Sums of the closed buckets that are looked back on; undefined since one closed. */
  #known: Readonly<Sums> | undefined;

  /** @param clockMs where the clock stands as counting begins */
  constructor(settings: RateWindowSettings, clockMs: Milliseconds) {
    this.#settings = settings;
    const buckets = Math.ceil(settings.longestMs / settings.bucketMs) + settings.minEvents;
    this.#elapsed = new Float64Array(buckets);
    this.#requests = new Float64Array(buckets);
    this.#tokens = new Float64Array(buckets);
    this.#variance = new Float64Array(buckets);
    this.#openedAtMs = clockMs;
  }

  /** @param variance that this event adds to the count; 1 for events that happen independently of each other */
  add(clockMs: Milliseconds, tokens: Tokens, variance = 1): void {
    const open = this.#open;
    open.requests += 1;
    open.tokens += tokens;
    open.variance += variance;
    const elapsed = clockMs - this.#openedAtMs;
    if (elapsed >= this.#settings.bucketMs) this.#close(clockMs, elapsed);
  }

  #close(clockMs: Milliseconds, elapsed: Milliseconds): void {
    const at = this.#next;
    const open = this.#open;
    this.#elapsed[at] = elapsed;
    this.#requests[at] = open.requests;
    this.#tokens[at] = open.tokens;
    this.#variance[at] = open.variance;
    this.#next = (at + 1) % this.#elapsed.length;
    this.#closed = Math.min(this.#closed + 1, this.#elapsed.length);
    this.#openedAtMs = clockMs;
    this.#known = undefined;
    open.requests = open.tokens = open.variance = 0;
  }

  /**
   * @param pending variance since the last event
   * @returns undefined where the clock has not moved yet
   */
  rates(clockMs: Milliseconds, pending = 0): Rates | undefined {
    const { bucketMs, leastElapsedMs } = this.#settings;
    const open = this.#open;
    open.elapsedMs = clockMs - this.#openedAtMs;
    const isStill = open.elapsedMs > 2 * bucketMs;
    const closed = isStill ? this.#lookBack(open) : (this.#known ??= this.#lookBack(noSums));
    const measuredMs = closed.elapsedMs + open.elapsedMs;
    if (!(measuredMs > 0)) return undefined;
    const elapsedMs = Math.max(measuredMs, leastElapsedMs);
    const requests = closed.requests + open.requests;
    return {
      events: requests,
      requestsPerMs: requests / elapsedMs,
      tokensPerMs: (closed.tokens + open.tokens) / elapsedMs,
      variancePerMs: Math.max(1, closed.variance + open.variance + pending) / elapsedMs,
      measuredMs: elapsedMs,
    };
  }

  /** Sums of the closed buckets that go with the open one. */
  #lookBack(open: Readonly<Sums>): Readonly<Sums> {
    const { windowMs, minEvents, longestMs } = this.#settings;
    const newer: Sums = { ...open };
    let back = 1;
    while (back <= this.#closed && (newer.elapsedMs < windowMs || newer.requests < minEvents))
      this.#include(newer, back++);
    while (back <= this.#closed && newer.elapsedMs < longestMs) {
      const older: Sums = { ...noSums };
      const mostMs = Math.min(newer.elapsedMs, longestMs - newer.elapsedMs);
      while (back <= this.#closed && older.elapsedMs < mostMs) this.#include(older, back++);
      if (!this.#agree(older, newer)) break;
      newer.elapsedMs += older.elapsedMs;
      newer.requests += older.requests;
      newer.tokens += older.tokens;
      newer.variance += older.variance;
    }
    newer.elapsedMs -= open.elapsedMs;
    newer.requests -= open.requests;
    newer.tokens -= open.tokens;
    newer.variance -= open.variance;
    return newer;
  }

  #include(sums: Sums, back: number): void {
    const at = (this.#next - back + this.#elapsed.length) % this.#elapsed.length;
    sums.elapsedMs += this.#elapsed[at]!;
    sums.requests += this.#requests[at]!;
    sums.tokens += this.#tokens[at]!;
    sums.variance += this.#variance[at]!;
  }

  #agree(older: Readonly<Sums>, newer: Readonly<Sums>): boolean {
    const difference = older.requests / older.elapsedMs - newer.requests / newer.elapsedMs;
    const variance =
      Math.max(1, older.variance) / older.elapsedMs ** 2 + Math.max(1, newer.variance) / newer.elapsedMs ** 2;
    return difference ** 2 <= this.#settings.agreement ** 2 * variance;
  }
}
