import { exponential, type Random } from "#random";
import type { Milliseconds, Tokens } from "#units";
import { DrainRate, type WaitPrediction } from "../../../../../picker/flow/refusal/drain-rate.ts";

export type DrainScene = {
  readonly slots: number;
  /** Mean of the time a request holds a slot. */
  readonly serviceMs: Milliseconds;
  /** Service times are within this share of their mean, in proportion to tokens. */
  readonly spread: number;
  /** What arrives at priority 1, as a share of what the slots can do; the rest arrives at priority -1. */
  readonly highShare: number;
  /** All that arrives, as a multiple of what the slots can do. */
  readonly load: number;
  readonly maxQueue: number;
  readonly warmUpMs: Milliseconds;
  readonly forMs: Milliseconds;
};

/** One accepted request of priority -1: what was predicted as it came, and how long it did wait. */
export type Probe = { readonly predicted: WaitPrediction; readonly actualMs: Milliseconds };

type Waiting = { readonly tokens: Tokens; readonly atMs: Milliseconds; readonly predicted: WaitPrediction | undefined };

const meanTokens = 1000;

/** A pool of slots in front of two strict bands, first come first served in each, under a virtual clock. */
export class SimulatedDrain {
  readonly #scene: DrainScene;
  readonly #random: Random;
  readonly #rate = new DrainRate();
  readonly #ends: { readonly atMs: Milliseconds; readonly tokens: Tokens }[] = [];
  readonly #high: Waiting[] = [];
  readonly #low: Waiting[] = [];
  readonly #probes: Probe[] = [];
  #nowMs: Milliseconds = 0;

  constructor(scene: DrainScene, random: Random) {
    this.#scene = scene;
    this.#random = random;
  }

  run(): readonly Probe[] {
    const { slots, serviceMs, highShare, load, warmUpMs, forMs } = this.#scene;
    const capacity = slots / serviceMs;
    const rates = [capacity * highShare, capacity * (load - highShare)] as const;
    const next = [this.#gap(rates[0]), this.#gap(rates[1])] as [number, number];
    while (this.#nowMs < warmUpMs + forMs) {
      const endMs = this.#ends[0]?.atMs ?? Infinity;
      if (endMs <= Math.min(...next)) this.#complete();
      else {
        const band = next[0] < next[1] ? 0 : 1;
        this.#nowMs = next[band];
        next[band] += this.#gap(rates[band]);
        this.#arrive(band === 0 ? 1 : -1);
      }
      this.#dispatch();
    }
    return this.#probes;
  }

  #gap(perMs: number): Milliseconds {
    return perMs <= 0 ? Infinity : exponential(this.#random) / perMs;
  }

  #arrive(priority: 1 | -1): void {
    const queue = priority === 1 ? this.#high : this.#low;
    if (queue.length >= this.#scene.maxQueue) return;
    const tokens = meanTokens * (1 + this.#scene.spread * (2 * this.#random() - 1));
    const waits = this.#ends.length >= this.#scene.slots;
    const isProbe = priority === -1 && waits && this.#nowMs >= this.#scene.warmUpMs;
    const predicted = isProbe ? this.#predict(priority) : undefined;
    this.#rate.arrived(priority, tokens, this.#nowMs);
    queue.push({ tokens, atMs: this.#nowMs, predicted });
    if (waits) this.#rate.waiting(true, this.#nowMs);
  }

  #predict(priority: number): WaitPrediction {
    const ahead = [...this.#high, ...this.#low];
    const aheadTokens = ahead.reduce((sum, one) => sum + one.tokens, 0);
    return this.#rate.predict({ priority, aheadRequests: ahead.length, aheadTokens, guaranteedShare: 0 }, this.#nowMs);
  }

  #complete(): void {
    const { atMs, tokens } = this.#ends.shift()!;
    this.#nowMs = atMs;
    this.#rate.completed(tokens, atMs);
  }

  #dispatch(): void {
    while (this.#ends.length < this.#scene.slots) {
      const priority = this.#high.length > 0 ? 1 : -1;
      const one = this.#high.shift() ?? this.#low.shift();
      if (one === undefined) break;
      this.#rate.dispatched(priority, one.tokens, this.#nowMs);
      const endMs = this.#nowMs + (this.#scene.serviceMs * one.tokens) / meanTokens;
      const index = this.#ends.findIndex(({ atMs }) => atMs > endMs);
      this.#ends.splice(index < 0 ? this.#ends.length : index, 0, { atMs: endMs, tokens: one.tokens });
      if (one.predicted) this.#probes.push({ predicted: one.predicted, actualMs: this.#nowMs - one.atMs });
    }
    if (this.#high.length + this.#low.length === 0) this.#rate.waiting(false, this.#nowMs);
  }
}
