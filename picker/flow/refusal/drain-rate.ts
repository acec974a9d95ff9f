/** How fast the queue drains, and so how long a request with this much ahead of it waits. */
import type { Milliseconds, Ratio, Tokens } from "#units";
import { BandDrain } from "./band-drain.ts";
import { RateWindow, type Rates, type RateWindowSettings } from "./rate-window.ts";
import { speedOf, squaredErrorOf, waitAt, type DrainMeasure, type Speed } from "./speed.ts";

export type DrainSettings = {
  readonly bucketMs: Milliseconds;
  readonly windowMs: Milliseconds;
  /** A steady rate is measured over this much instead. */
  readonly longestMs: Milliseconds;
  /** A drain slower than this many requests a window is measured over as many requests instead. */
  readonly minEvents: number;
  /** Fewer say nothing. */
  readonly leastEvents: number;
  /**
   * Rates are steady where they differ by no more than this many standard errors. Requests end in clumps, so that the error
   * is larger than that of independent events, by which it is judged.
   */
  readonly agreement: number;
  /** What was measured before a pause this long is forgotten. */
  readonly forgetAfterMs: Milliseconds;
  readonly measure: DrainMeasure;
};

export const defaultDrainSettings: DrainSettings = {
  bucketMs: 1000,
  windowMs: 30_000,
  longestMs: 600_000,
  minEvents: 16,
  leastEvents: 3,
  agreement: 4,
  forgetAfterMs: 600_000,
  measure: "slower",
};

/** Where a request would stand. */
export type QueuePosition = {
  readonly priority: number;
  /** Queued requests that go first, those of higher bands included. */
  readonly aheadRequests: number;
  /** What they are expected to cost, prompt and output. */
  readonly aheadTokens: Tokens;
  /** Share of the drain that its band gets whatever higher bands send; 0 where bands are strict. */
  readonly guaranteedShare: Ratio;
};

/**
 * `infinite`: what arrives above takes all that drains.
 * `basis`: `drain` was measured while requests waited; `completions`, at least as fast as the pool has been seen to finish
 * requests when nothing waited.
 */
export type WaitPrediction =
  | {
      readonly kind: "known";
      /** On average. */
      readonly waitMs: Milliseconds;
      /** Variance of the wait per millisecond of it. */
      readonly spreadMs: Milliseconds;
      readonly basis: "drain" | "completions";
    }
  | { readonly kind: "infinite" }
  | { readonly kind: "unknown" };

/** How much surer than the band's own drain the drain less the arrivals above must be to be preferred to it. */
const preference = 1.5;

/**
 * Counts what leaves the queue against the time in which requests waited for room: only then is its rate that of the pool
 * rather than that of its clients. A band drains at the rate at which it was seen to, or, as long as that is little known, at
 * what is left of the whole drain once the bands above have had what arrives for them.
 */
export class DrainRate {
  readonly #settings: DrainSettings;
  readonly #window: RateWindowSettings;
  readonly #bands = new Map<number, BandDrain>();
  #drains: RateWindow;
  #completions: RateWindow | undefined;
  #lastCompletionMs: Milliseconds = -Infinity;
  #lastDrainMs: Milliseconds | undefined;
  #waitedMs: Milliseconds = 0;
  #waitingSinceMs: Milliseconds | undefined;
  #waitedUntilMs: Milliseconds = -Infinity;
  #dispatches = 0;

  constructor(settings: DrainSettings = defaultDrainSettings) {
    this.#settings = settings;
    this.#window = { ...settings, leastElapsedMs: 0 };
    this.#drains = new RateWindow(this.#window, 0);
  }

  /**
   * Says whether requests wait for room from now on. While there is no endpoint they do not wait for room: say false. The
   * dispatch that empties the queue is told first.
   */
  waiting(isWaiting: boolean, nowMs: Milliseconds): void {
    if (isWaiting === (this.#waitingSinceMs !== undefined)) return;
    if (isWaiting) {
      if (nowMs - this.#waitedUntilMs > this.#settings.forgetAfterMs) {
        this.#drains = new RateWindow(this.#window, this.#waitedMs);
      }
      this.#waitingSinceMs = nowMs;
    } else {
      this.#waitedMs = this.#waitClock(nowMs);
      this.#waitingSinceMs = undefined;
      this.#waitedUntilMs = nowMs;
      this.#lastDrainMs = undefined;
    }
    for (const band of this.#bands.values()) this.#settle(band, nowMs);
  }

  /** A request was accepted: it waits now, or goes to an endpoint at once. */
  arrived(priority: number, tokens: Tokens, nowMs: Milliseconds): void {
    const band = this.#band(priority, nowMs);
    band.arrivals.add(nowMs, tokens);
    band.count(1);
    this.#settle(band, nowMs);
  }

  /** A request that had arrived went to an endpoint, whether it had waited or not. */
  dispatched(priority: number, tokens: Tokens, nowMs: Milliseconds): void {
    const band = this.#band(priority, nowMs);
    if (this.#waitingSinceMs !== undefined) {
      this.#drains.add(this.#waitClock(nowMs), tokens);
      this.#lastDrainMs = nowMs;
      this.#dispatches += 1;
      band.drained(tokens, nowMs, this.#dispatches);
    }
    band.count(-1);
    this.#settle(band, nowMs);
  }

  /**
   * A request that had arrived left the queue unserved.
   * @param place `any` for one that expired or was cancelled; `last` for one that was displaced: nothing moved up by it
   */
  departed(priority: number, tokens: Tokens, nowMs: Milliseconds, place: "any" | "last" = "any"): void {
    const band = this.#band(priority, nowMs);
    if (place === "any") {
      band.departures.add(nowMs, tokens);
      band.drained(tokens, nowMs, this.#dispatches);
    }
    band.count(-1);
    this.#settle(band, nowMs);
  }

  /** A dispatched request ended and gave back its place. */
  completed(tokens: Tokens, nowMs: Milliseconds): void {
    const isFirst = nowMs - this.#lastCompletionMs > this.#settings.forgetAfterMs;
    this.#lastCompletionMs = nowMs;
    if (isFirst) this.#completions = new RateWindow(this.#window, nowMs);
    else this.#completions?.add(nowMs, tokens);
  }

  /** Forgets a band that was removed. */
  forget(priority: number): void {
    this.#bands.delete(priority);
  }

  /** Time until a request at this position is dispatched. */
  predict(position: QueuePosition, nowMs: Milliseconds): WaitPrediction {
    const drains = this.#known(this.#drains.rates(this.#waitClock(nowMs)));
    const base = drains ?? this.#completionRates(nowMs);
    if (base === undefined) return { kind: "unknown" };
    const speed = this.#speedAt(position, base, nowMs);
    if (speed.requestsPerMs > 0) {
      return {
        kind: "known",
        waitMs: waitAt(speed, position.aheadRequests, position.aheadTokens, this.#settings.measure, nowMs),
        spreadMs: speed.variancePerMs / speed.requestsPerMs ** 2,
        basis: drains === undefined ? "completions" : "drain",
      };
    }
    return { kind: drains === undefined ? "unknown" : "infinite" };
  }

  #speedAt({ priority, guaranteedShare }: QueuePosition, base: Rates, nowMs: Milliseconds): Speed {
    const left = this.#leftFor(priority, base, nowMs);
    const band = this.#bands.get(priority);
    const rates = this.#known(band?.rates(nowMs, this.#dispatches));
    if (rates !== undefined) {
      const own = speedOf(rates, band?.lastDrainMs);
      if (own.squaredError <= preference ** 2 * left.squaredError) return own;
    }
    return {
      ...left,
      requestsPerMs: Math.max(left.requestsPerMs, guaranteedShare * base.requestsPerMs),
      tokensPerMs: Math.max(left.tokensPerMs, guaranteedShare * base.tokensPerMs),
    };
  }

  /** The drain with what leaves bands from this one on unserved, less what arrives above it. */
  #leftFor(priority: number, base: Rates, nowMs: Milliseconds): Speed {
    let { requestsPerMs, tokensPerMs } = base;
    let { variancePerMs } = base;
    let squaredError = squaredErrorOf(base);
    for (const [bandPriority, { arrivals, departures }] of this.#bands) {
      if (bandPriority < priority) continue;
      const gone = departures.rates(nowMs);
      if (gone !== undefined && gone.events > 0) {
        requestsPerMs += gone.requestsPerMs;
        tokensPerMs += gone.tokensPerMs;
        variancePerMs += gone.variancePerMs;
        squaredError += squaredErrorOf(gone);
      }
      const came = bandPriority === priority ? undefined : arrivals.rates(nowMs);
      if (came === undefined) continue;
      requestsPerMs -= came.requestsPerMs;
      tokensPerMs -= came.tokensPerMs;
      variancePerMs += came.variancePerMs;
      squaredError += squaredErrorOf(came);
    }
    return { requestsPerMs, tokensPerMs, variancePerMs, squaredError, lastDrainMs: this.#lastDrainMs };
  }

  #completionRates(nowMs: Milliseconds): Rates | undefined {
    if (nowMs - this.#lastCompletionMs > this.#settings.forgetAfterMs) return undefined;
    return this.#known(this.#completions?.rates(nowMs));
  }

  #known(rates: Rates | undefined): Rates | undefined {
    return rates !== undefined && rates.events >= this.#settings.leastEvents ? rates : undefined;
  }

  #waitClock(nowMs: Milliseconds): Milliseconds {
    return this.#waitedMs + (this.#waitingSinceMs === undefined ? 0 : nowMs - this.#waitingSinceMs);
  }

  #settle(band: BandDrain, nowMs: Milliseconds): void {
    const isWaiting = this.#waitingSinceMs !== undefined && band.queued > 0;
    band.waiting(isWaiting, nowMs, this.#dispatches);
  }

  #band(priority: number, nowMs: Milliseconds): BandDrain {
    let band = this.#bands.get(priority);
    if (band === undefined) {
      band = new BandDrain(this.#window, nowMs);
      this.#bands.set(priority, band);
    }
    return band;
  }
}
