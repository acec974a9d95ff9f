import type { Tokens } from "#units";
import { movedMean } from "./moving-mean.ts";

/** Until a request of the objective has ended. */
const unknownTokens: Tokens = 256;
/** Objectives are configured; this bounds what a mistake could make of it. */
const mostObjectives = 10_000;

/** Expected length of an answer by objective: a moving mean of those that ended, at most what the request allows. */
export class ExpectedOutput {
  readonly #means = new Map<string, Tokens>();

  /** @param maxOutputTokens the request's own limit; undefined: none */
  of(objective: string, maxOutputTokens: Tokens | undefined): Tokens {
    const mean = this.#means.get(objective) ?? unknownTokens;
    return maxOutputTokens === undefined ? mean : Math.min(mean, maxOutputTokens);
  }

  /** A request of the objective ended with that many output tokens. */
  observe(objective: string, outputTokens: Tokens): void {
    const mean = this.#means.get(objective);
    if (mean === undefined && this.#means.size >= mostObjectives) return;
    this.#means.set(objective, movedMean(mean, outputTokens));
  }
}
