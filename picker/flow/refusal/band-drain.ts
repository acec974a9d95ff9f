import type { Milliseconds, Tokens } from "#units";
import { RateWindow, type Rates, type RateWindowSettings } from "./rate-window.ts";

/** What is counted for one band. */
export class BandDrain {
  /** Accepted, whether they waited or not. */
  readonly arrivals: RateWindow;
  /** Gone from the queue unserved, from before those that came later. */
  readonly departures: RateWindow;
  readonly #settings: RateWindowSettings;
  /** All that left the band, in the time in which it had requests waiting for room. */
  #drains: RateWindow;
  #queued = 0;
  #waitedMs: Milliseconds = 0;
  #waitingSinceMs: Milliseconds | undefined;
  #waitedUntilMs: Milliseconds = -Infinity;
  #lastDrainMs: Milliseconds | undefined;
  /** Dispatches of all bands that are accounted for. */
  #seenDispatches = 0;
  #unseen = 0;

  constructor(settings: RateWindowSettings, nowMs: Milliseconds) {
    this.#settings = settings;
    const flood = { ...settings, leastElapsedMs: settings.bucketMs };
    this.arrivals = new RateWindow(flood, nowMs);
    this.departures = new RateWindow(flood, nowMs);
    this.#drains = new RateWindow(settings, 0);
  }

  get queued(): number {
    return this.#queued;
  }

  /** @param by 1 as a request comes, -1 as it leaves */
  count(by: 1 | -1): void {
    this.#queued = Math.max(0, this.#queued + by);
  }

  /** Last instant at which one left for good, in the present wait. */
  get lastDrainMs(): Milliseconds | undefined {
    return this.#lastDrainMs;
  }

  /**
   * Says whether its requests wait for room. Its drain from before a pause is forgotten soon, since it depends on what
   * arrives above, and that goes on changing meanwhile.
   * @param dispatches of all bands up to now
   */
  waiting(isWaiting: boolean, nowMs: Milliseconds, dispatches: number): void {
    if (isWaiting === (this.#waitingSinceMs !== undefined)) return;
    if (isWaiting) {
      if (nowMs - this.#waitedUntilMs > this.#settings.windowMs) this.#forget();
      this.#waitingSinceMs = nowMs;
      this.#seenDispatches = dispatches;
      return;
    }
    this.#unseen += dispatches - this.#seenDispatches;
    this.#waitedMs = this.#clock(nowMs);
    this.#waitingSinceMs = undefined;
    this.#waitedUntilMs = nowMs;
    this.#lastDrainMs = undefined;
  }

  /**
   * One left: what the band gets of a drain varies with all that the others get of it. One that never waited is not drained:
   * it finds nobody of its band waiting, and leaves in the instant in which it came.
   */
  drained(tokens: Tokens, nowMs: Milliseconds, dispatches: number): void {
    if (this.#waitingSinceMs === undefined || this.#waitingSinceMs === nowMs) return;
    this.#drains.add(this.#clock(nowMs), tokens, this.#pending(dispatches));
    this.#lastDrainMs = nowMs;
    this.#seenDispatches = dispatches;
    this.#unseen = 0;
  }

  /** @returns undefined while none of its requests waits: what was measured before may be over */
  rates(nowMs: Milliseconds, dispatches: number): Rates | undefined {
    if (this.#waitingSinceMs === undefined) return undefined;
    return this.#drains.rates(this.#clock(nowMs), this.#pending(dispatches));
  }

  #forget(): void {
    this.#drains = new RateWindow(this.#settings, this.#waitedMs);
    this.#unseen = 0;
  }

  #pending(dispatches: number): number {
    return this.#unseen + (this.#waitingSinceMs === undefined ? 0 : dispatches - this.#seenDispatches);
  }

  #clock(nowMs: Milliseconds): Milliseconds {
    return this.#waitedMs + (this.#waitingSinceMs === undefined ? 0 : nowMs - this.#waitingSinceMs);
  }
}
