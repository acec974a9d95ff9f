import type { Milliseconds } from "#units";

/** How many requests an endpoint may have in flight. */
export interface Capacity {
  /** A whole number, at least 1. */
  of(slot: number): number;
  /**
   * What a request was served with.
   * @param latencyRatio measured latency ÷ its target
   * @param sinceMs when the measured span began
   * @param load requests at the endpoint, ours and others'
   * @param isFresh whether scrapes would show a full batch; true unless given
   */
  observe(
    slot: number,
    latencyRatio: number,
    sinceMs: Milliseconds,
    nowMs: Milliseconds,
    load: number,
    isFresh?: boolean,
  ): void;
  /** The server's batch is full: more than this many requests are of no use to it. */
  atMost(slot: number, requests: number, nowMs: Milliseconds): void;
  forget(slot: number): void;
}

/** The same for every endpoint, set by hand. */
export class StaticCapacity implements Capacity {
  readonly #requests: number;

  /** @param requests a whole number, at least 1 */
  constructor(requests: number) {
    this.#requests = requests;
  }

  of(): number {
    return this.#requests;
  }

  observe(): void {}

  atMost(): void {}

  forget(): void {}
}
