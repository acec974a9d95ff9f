import type { Milliseconds } from "#units";
import { movedMean } from "../moving-mean.ts";

/** Dispatch to first token as it would be: what was measured, or, beside too much else, what is typical without that. */
export class ServiceTime {
  #typicalMs: Milliseconds | undefined;

  /** @param isTypical nothing was in flight that would not have been */
  observe(measuredMs: Milliseconds, isTypical: boolean): Milliseconds {
    if (!isTypical) return Math.min(measuredMs, this.#typicalMs ?? Infinity);
    this.#typicalMs = movedMean(this.#typicalMs, measuredMs);
    return measuredMs;
  }
}
