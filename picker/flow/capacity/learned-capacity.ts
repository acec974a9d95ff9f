import type { Milliseconds, Ratio } from "#units";
import type { Capacity } from "./capacity.ts";
import { SlotColumn } from "./slot-column.ts";

/** Bounds and steps of {@link LearnedCapacity}. Counts are requests per endpoint. */
export type LearnedCapacityOptions = {
  readonly min: number;
  readonly max: number;
  readonly initial: number;
  /** Added when a window was good. */
  readonly additiveStep: number;
  /** What a bad window leaves of the limit, in (0, 1); once more for each doubling by which it was beyond the aim. */
  readonly multiplicativeFactor: Ratio;
  /** A latency above this share of its target is slow; below 1, so that the limit yields before the objective does. */
  readonly aimRatio: Ratio;
  /** Share of slow latencies that a window may have. */
  readonly toleratedRatio: Ratio;
  /** The limit counts as used from this share of it on: a window that stays below it does not raise it. */
  readonly usedRatio: Ratio;
  /** A latency at a load below this share of the limit says nothing against the limit. */
  readonly evidenceRatio: Ratio;
  /** Least time between two raises. */
  readonly windowMs: Milliseconds;
  /** Least latencies in a window. */
  readonly windowSamples: number;
};

export const defaultLearnedCapacity: LearnedCapacityOptions = {
  min: 4,
  max: 1024,
  initial: 100,
  additiveStep: 2,
  multiplicativeFactor: 0.9,
  aimRatio: 0.8,
  toleratedRatio: 0.1,
  usedRatio: 0.9,
  evidenceRatio: 0.5,
  windowMs: 1000,
  windowSamples: 10,
};

/** A decrease leaves at least this share of the limit, unless the factor itself says less. */
const deepestDecrease: Ratio = 0.5;

/**
 * A full batch seldom grows, and to find that out costs what is sent too many: it is tried again after this time, twice that
 * where it was the same, and never while no scrape would show it.
 */
const shortestHoldMs: Milliseconds = 60_000;
const longestHoldMs: Milliseconds = 900_000;
/** What differs by less is the same batch. */
const sameBatchRatio: Ratio = 0.1;

/** A window that has not got its latencies by then says nothing of the present. */
const longestWindowMs: Milliseconds = 60_000;

/**
 * Learns each endpoint's limit from latencies against their targets: additive increase while it is used and good,
 * multiplicative decrease when too many latencies under load are slow: further down the slower even the mildest of them
 * is, since the effect of a limit that is far too high is also seen late. A decrease comes as soon as the slow ones are
 * enough, and later ones count only what began after it: the effect of a decrease is awaited before the next.
 * A batch that is known to be full bounds it at once. Without targets, and without scrapes that tell of the batch, there is
 * nothing to go by, and the limit stays at `initial`.
 */
export class LearnedCapacity implements Capacity {
  readonly #options: LearnedCapacityOptions;
  readonly #limit: SlotColumn;
  readonly #decreasedAtMs = new SlotColumn(Number.NEGATIVE_INFINITY);
  /** When its batch was last known to be full, and with how many. */
  readonly #fullAtMs = new SlotColumn(Number.NEGATIVE_INFINITY);
  readonly #fullBatch = new SlotColumn(0);
  readonly #holdMs = new SlotColumn(shortestHoldMs);
  readonly #windowStartMs = new SlotColumn(0);
  readonly #samples = new SlotColumn(0);
  readonly #slow = new SlotColumn(0);
  /** The smallest of the slow latencies, ÷ the aim. */
  readonly #mildest = new SlotColumn(Number.POSITIVE_INFINITY);
  readonly #peakLoad = new SlotColumn(0);

  constructor(options: LearnedCapacityOptions = defaultLearnedCapacity) {
    this.#options = options;
    this.#limit = new SlotColumn(options.initial);
  }

  of(slot: number): number {
    return Math.max(1, Math.floor(this.#limit.get(slot)));
  }

  observe(
    slot: number,
    latencyRatio: number,
    sinceMs: Milliseconds,
    nowMs: Milliseconds,
    load: number,
    isFresh = true,
  ): void {
    if (!(latencyRatio >= 0) || sinceMs < this.#decreasedAtMs.get(slot)) return;
    const { aimRatio, evidenceRatio, toleratedRatio, windowSamples, windowMs } = this.#options;
    if (nowMs - this.#windowStartMs.get(slot) > longestWindowMs) this.#clearWindow(slot);
    const samples = this.#samples.get(slot) + 1;
    if (samples === 1) this.#windowStartMs.set(slot, nowMs);
    this.#samples.set(slot, samples);
    if (load > this.#peakLoad.get(slot)) this.#peakLoad.set(slot, load);
    if (latencyRatio > aimRatio && load >= evidenceRatio * this.of(slot)) {
      const slow = this.#slow.get(slot) + 1;
      this.#slow.set(slot, slow);
      this.#mildest.set(slot, Math.min(this.#mildest.get(slot), latencyRatio / aimRatio));
      if (slow > toleratedRatio * Math.max(samples, windowSamples)) this.#decrease(slot, nowMs);
      return;
    }
    if (samples >= windowSamples && nowMs - this.#windowStartMs.get(slot) >= windowMs)
      this.#increase(slot, nowMs, isFresh);
  }

  atMost(slot: number, requests: number, nowMs: Milliseconds): void {
    const most = Math.max(this.#options.min, requests);
    const before = this.#fullBatch.get(slot);
    if (before > 0 && this.#mayTry(slot, nowMs)) {
      const isSame = Math.abs(most - before) <= sameBatchRatio * before;
      this.#holdMs.set(slot, isSame ? Math.min(2 * this.#holdMs.get(slot), longestHoldMs) : shortestHoldMs);
    }
    this.#fullAtMs.set(slot, nowMs);
    this.#fullBatch.set(slot, most);
    if (this.#limit.get(slot) <= most) return;
    this.#limit.set(slot, most);
    this.#decreasedAtMs.set(slot, nowMs);
    this.#clearWindow(slot);
  }

  #decrease(slot: number, nowMs: Milliseconds): void {
    const { min, multiplicativeFactor } = this.#options;
    const times = 1 + Math.floor(Math.log2(this.#mildest.get(slot)));
    const left = Math.max(multiplicativeFactor ** times, Math.min(deepestDecrease, multiplicativeFactor));
    this.#limit.set(slot, Math.max(min, this.#limit.get(slot) * left));
    this.#decreasedAtMs.set(slot, nowMs);
    this.#clearWindow(slot);
  }

  #increase(slot: number, nowMs: Milliseconds, isFresh: boolean): void {
    const { max, additiveStep, usedRatio } = this.#options;
    const limit = this.#limit.get(slot);
    if (this.#peakLoad.get(slot) >= usedRatio * this.of(slot)) {
      const fullBatch = this.#fullBatch.get(slot);
      const isKnown = fullBatch > 0 && !(isFresh && this.#mayTry(slot, nowMs));
      const most = isKnown ? Math.max(limit, fullBatch) : max;
      this.#limit.set(slot, Math.min(most, limit + additiveStep));
    }
    this.#clearWindow(slot);
  }

  /** Whether the limit may grow beyond the full batch again. */
  #mayTry(slot: number, nowMs: Milliseconds): boolean {
    return nowMs - this.#fullAtMs.get(slot) >= this.#holdMs.get(slot);
  }

  #clearWindow(slot: number): void {
    this.#samples.clear(slot);
    this.#slow.clear(slot);
    this.#mildest.clear(slot);
    this.#peakLoad.clear(slot);
  }

  forget(slot: number): void {
    this.#limit.clear(slot);
    this.#decreasedAtMs.clear(slot);
    this.#fullAtMs.clear(slot);
    this.#fullBatch.clear(slot);
    this.#holdMs.clear(slot);
    this.#windowStartMs.clear(slot);
    this.#clearWindow(slot);
  }
}
