import type { Milliseconds } from "#units";

/** Weight of the newest measurement in the mean. */
const newest = 0.05;

/** Dispatch to first token as it would be: what was measured, or, beside too much else, what is typical without that. */
export class ServiceTime {
  #typicalMs: Milliseconds | undefined;

  /** @param isTypical nothing was in flight that would not have been */
  observe(measuredMs: Milliseconds, isTypical: boolean): Milliseconds {
    if (!isTypical) return Math.min(measuredMs, this.#typicalMs ?? Infinity);
    this.#typicalMs =
      this.#typicalMs === undefined ? measuredMs : this.#typicalMs + newest * (measuredMs - this.#typicalMs);
    return measuredMs;
  }
}
