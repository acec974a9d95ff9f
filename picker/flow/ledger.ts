import type { Tokens } from "#units";
import type { InFlightView } from "../scheduling/plugin.ts";

/** What one request occupies while it is in flight. */
export type LedgerEntry = {
  readonly slot: number;
  readonly objective: string;
  readonly promptTokens: Tokens;
  readonly uncachedPromptTokens: Tokens;
  released: boolean;
};

/** Sums over the requests in flight. */
export type InFlightLoad = {
  readonly requests: number;
  readonly promptTokens: Tokens;
  readonly uncachedPromptTokens: Tokens;
};

const grown = (old: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> => {
  const array = new Float64Array(Math.max(length, old.length * 2, 8));
  array.set(old);
  return array;
};

/**
 * Exact in-flight accounting, per endpoint slot and per objective. An entry is taken at the moment of the decision and
 * given back exactly once, when its stream ends however it ends; nothing is estimated from scrapes.
 */
export class InFlightLedger implements InFlightView {
  #requests = new Float64Array(8);
  #promptTokens = new Float64Array(8);
  #uncachedPromptTokens = new Float64Array(8);
  #total = 0;
  readonly #byObjective = new Map<string, number>();

  /** Takes an entry for a request that goes to the endpoint in `slot`. */
  admit(slot: number, objective: string, promptTokens: Tokens, uncachedPromptTokens: Tokens): LedgerEntry {
    if (slot >= this.#requests.length) {
      this.#requests = grown(this.#requests, slot + 1);
      this.#promptTokens = grown(this.#promptTokens, slot + 1);
      this.#uncachedPromptTokens = grown(this.#uncachedPromptTokens, slot + 1);
    }
    const entry: LedgerEntry = { slot, objective, promptTokens, uncachedPromptTokens, released: false };
    this.#move(entry, 1);
    return entry;
  }

  /** Gives an entry back; giving it back again does nothing. */
  release(entry: LedgerEntry): void {
    if (entry.released) return;
    entry.released = true;
    this.#move(entry, -1);
  }

  #move({ slot, objective, promptTokens, uncachedPromptTokens }: LedgerEntry, sign: 1 | -1): void {
    this.#requests[slot]! += sign;
    this.#promptTokens[slot]! += sign * promptTokens;
    this.#uncachedPromptTokens[slot]! += sign * uncachedPromptTokens;
    this.#total += sign;
    const left = (this.#byObjective.get(objective) ?? 0) + sign;
    if (left === 0) this.#byObjective.delete(objective);
    else this.#byObjective.set(objective, left);
  }

  /** Requests in flight over all endpoints. */
  get total(): number {
    return this.#total;
  }

  requests(slot: number): number {
    return this.#requests[slot] ?? 0;
  }

  promptTokens(slot: number): Tokens {
    return this.#promptTokens[slot] ?? 0;
  }

  uncachedPromptTokens(slot: number): Tokens {
    return this.#uncachedPromptTokens[slot] ?? 0;
  }

  /** Requests in flight of one objective. */
  requestsOf(objective: string): number {
    return this.#byObjective.get(objective) ?? 0;
  }

  /** True when nothing of the slot is in flight, so that another endpoint may take it. */
  isIdle(slot: number): boolean {
    return this.requests(slot) === 0;
  }
}
