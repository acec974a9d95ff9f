/** Counts of the past, so that a count that only grows can be read as what it grew by within a window. */
import type { Milliseconds } from "#units";

/** What counts grew by. */
export type Increase = {
  /** One a count, at least 0. */
  readonly by: readonly number[];
  /** The time they grew in: the window, up to a step more, or less while the ring is younger than the window. */
  readonly coveredMs: Milliseconds;
};

type Row = { readonly atMs: Milliseconds; readonly counts: readonly number[] };

const zeros = (length: number): readonly number[] => Array.from({ length }, () => 0);

const didReset = (before: readonly number[], after: readonly number[]): boolean =>
  before.length !== after.length || before.some((count, index) => after[index]! < count);

/**
 * The last samples of some counts that belong together. Counts that shrank began again at 0, as counters do after a
 * restart: what was before is forgotten.
 */
export class CountRing {
  readonly #slots: number;
  #rows: Row[];

  /** @param slots samples kept; the first is the counts at `atMs` */
  constructor(slots: number, atMs: Milliseconds, counts: readonly number[]) {
    this.#slots = slots;
    this.#rows = [{ atMs, counts }];
  }

  /** Keeps the counts of this instant. */
  sample(atMs: Milliseconds, counts: readonly number[]): void {
    const newest = this.#rows.at(-1)!;
    if (didReset(newest.counts, counts)) this.#rows = [{ atMs: newest.atMs, counts: zeros(counts.length) }];
    this.#rows.push({ atMs, counts });
    if (this.#rows.length > this.#slots) this.#rows.shift();
  }

  /** What the counts grew by since the newest sample that is at least `windowMs` old, or since the oldest one. */
  increase(nowMs: Milliseconds, windowMs: Milliseconds, counts: readonly number[]): Increase {
    const newest = this.#rows.at(-1)!;
    if (didReset(newest.counts, counts)) return { by: counts, coveredMs: nowMs - newest.atMs };
    const from = this.#rows[this.#newestUntil(nowMs - windowMs)]!;
    return { by: counts.map((count, index) => count - from.counts[index]!), coveredMs: nowMs - from.atMs };
  }

  /** What the counts grew by from each of the last `most` samples to the next one, oldest first. */
  steps(most: number): readonly (readonly number[])[] {
    const rows = this.#rows.slice(-most - 1);
    return rows.slice(1).map(({ counts }, index) => counts.map((count, i) => count - rows[index]!.counts[i]!));
  }

  /** Index of the newest row that is no younger than this instant, or of the oldest row. */
  #newestUntil(atMs: Milliseconds): number {
    let low = 0;
    let high = this.#rows.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#rows[middle]!.atMs <= atMs) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
