import { exponential, type Random } from "#random";
import type { Milliseconds, Seconds, Tokens } from "#units";
import { DrainRate, type WaitPrediction } from "../../../../../picker/flow/refusal/drain-rate.ts";
import { retryAfterSeconds, waitOf } from "../../../../../picker/flow/refusal/retry-after.ts";

export type OverloadScene = {
  readonly slots: number;
  /** Mean of the time a request holds a slot. */
  readonly serviceMs: Milliseconds;
  /** Service times: within half of their mean, or without memory. In proportion to tokens. */
  readonly service: "even" | "exponential";
  /** What arrives at priority 1, as a share of what the slots can do. */
  readonly above: number;
  /** What arrives at priority -1, as a share of what the slots can do. */
  readonly below: number;
  /** Requests of priority -1 that wait at most; one more is refused. */
  readonly maxQueue: number;
  /** `true`: advice from the rates of the scene, as nobody can measure them better. */
  readonly rates: "measured" | "true";
  readonly warmUpMs: Milliseconds;
  readonly forMs: Milliseconds;
};

/** One refused request of priority -1. `actualMs`: until what held its place would have gone to a slot. */
export type Refused = { readonly advised: Seconds; readonly actualMs: Milliseconds };

type Probe = { readonly advised: Seconds; readonly atMs: Milliseconds; readonly place: number };

const meanTokens = 1000;

/** A pool of slots in front of two strict bands, first come first served in each, under a virtual clock. */
export class SimulatedOverload {
  readonly #scene: OverloadScene;
  readonly #random: Random;
  readonly #rate = new DrainRate();
  readonly #ends: { readonly atMs: Milliseconds; readonly tokens: Tokens }[] = [];
  readonly #high: Tokens[] = [];
  readonly #low: Tokens[] = [];
  /** In the order of their places; as many as were judged are over. */
  readonly #probes: Probe[] = [];
  readonly #refused: Refused[] = [];
  #nowMs: Milliseconds = 0;
  #queuedTokens: Tokens = 0;
  /** Of priority -1, so far. */
  #dispatched = 0;

  constructor(scene: OverloadScene, random: Random) {
    this.#scene = scene;
    this.#random = random;
  }

  run(): readonly Refused[] {
    const { slots, serviceMs, above, below, warmUpMs, forMs } = this.#scene;
    const capacity = slots / serviceMs;
    const next = { high: this.#gap(capacity * above), low: this.#gap(capacity * below) };
    while (this.#nowMs < warmUpMs + forMs || this.#refused.length < this.#probes.length) {
      const endMs = this.#ends[0]?.atMs ?? Infinity;
      if (endMs <= Math.min(next.high, next.low)) this.#complete();
      else if (next.high < next.low) {
        this.#nowMs = next.high;
        next.high += this.#gap(capacity * above);
        this.#arrive(1);
      } else {
        this.#nowMs = next.low;
        next.low += this.#gap(capacity * below);
        this.#arrive(-1);
      }
      this.#dispatch();
    }
    return this.#refused;
  }

  #gap(perMs: number): Milliseconds {
    return perMs <= 0 ? Infinity : exponential(this.#random) / perMs;
  }

  #arrive(priority: 1 | -1): void {
    if (priority === -1 && this.#low.length >= this.#scene.maxQueue) {
      const { warmUpMs, forMs } = this.#scene;
      if (this.#nowMs >= warmUpMs && this.#nowMs < warmUpMs + forMs) this.#refuse();
      return;
    }
    const share = this.#scene.service === "even" ? 0.5 + this.#random() : exponential(this.#random);
    const tokens = meanTokens * share;
    this.#rate.arrived(priority, tokens, this.#nowMs);
    (priority === 1 ? this.#high : this.#low).push(tokens);
    this.#queuedTokens += tokens;
    if (this.#ends.length >= this.#scene.slots) this.#rate.waiting(true, this.#nowMs);
  }

  #refuse(): void {
    const prediction = this.#predict(this.#high.length + this.#low.length, this.#queuedTokens);
    const advised = retryAfterSeconds(waitOf(prediction), this.#random);
    this.#probes.push({ advised, atMs: this.#nowMs, place: this.#dispatched + this.#low.length });
  }

  #predict(aheadRequests: number, aheadTokens: Tokens): WaitPrediction {
    const { slots, serviceMs, service, above, rates } = this.#scene;
    if (rates === "measured") {
      return this.#rate.predict({ priority: -1, aheadRequests, aheadTokens, guaranteedShare: 0 }, this.#nowMs);
    }
    const capacity = slots / serviceMs;
    const left = capacity * (1 - above);
    const variance = capacity * (above + (service === "even" ? 1 / 12 : 1));
    return { kind: "known", waitMs: (aheadRequests + 1) / left, spreadMs: variance / left ** 2, basis: "drain" };
  }

  #complete(): void {
    const { atMs, tokens } = this.#ends.shift()!;
    this.#nowMs = atMs;
    this.#rate.completed(tokens, atMs);
  }

  #dispatch(): void {
    while (this.#ends.length < this.#scene.slots) {
      const priority = this.#high.length > 0 ? 1 : -1;
      if (priority === -1) this.#resolve();
      const tokens = this.#high.shift() ?? this.#low.shift();
      if (tokens === undefined) break;
      this.#queuedTokens -= tokens;
      this.#rate.dispatched(priority, tokens, this.#nowMs);
      if (priority === -1) this.#dispatched += 1;
      this.#occupy(this.#nowMs + (this.#scene.serviceMs * tokens) / meanTokens, tokens);
    }
    if (this.#high.length + this.#low.length === 0) this.#rate.waiting(false, this.#nowMs);
  }

  #occupy(endMs: Milliseconds, tokens: Tokens): void {
    let low = 0;
    let high = this.#ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ends[middle]!.atMs > endMs) high = middle;
      else low = middle + 1;
    }
    this.#ends.splice(low, 0, { atMs: endMs, tokens });
  }

  /** A slot is free for priority -1: whose turn has come? */
  #resolve(): void {
    for (;;) {
      const probe = this.#probes[this.#refused.length];
      if (probe === undefined || probe.place > this.#dispatched) return;
      this.#refused.push({ advised: probe.advised, actualMs: this.#nowMs - probe.atMs });
    }
  }
}
