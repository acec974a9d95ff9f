import { toSeconds, type Milliseconds, type Ratio, type Seconds } from "#units";

/** Exact quantiles of what was measured; undefined where nothing was. */
export type Quantiles<T extends number> = {
  readonly p50: T | undefined;
  readonly p90: T | undefined;
  readonly p99: T | undefined;
  readonly max: T | undefined;
};

/** The nearest-rank quantile of values in rising order: the smallest one that at least the share `q` does not exceed. */
export const quantileOf = (sorted: Float64Array, q: Ratio): number | undefined =>
  sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];

/** A growing list of durations, 8 bytes each. */
export class Durations {
  #values = new Float64Array(64);
  #count = 0;

  add(value: Milliseconds): void {
    if (this.#count === this.#values.length) {
      const wider = new Float64Array(this.#count * 2);
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#values[this.#count++] = value;
  }

  get count(): number {
    return this.#count;
  }

  /** In milliseconds, as added. */
  quantiles(): Quantiles<Milliseconds> {
    const sorted = this.#values.slice(0, this.#count).sort();
    return {
      p50: quantileOf(sorted, 0.5),
      p90: quantileOf(sorted, 0.9),
      p99: quantileOf(sorted, 0.99),
      max: sorted.at(-1),
    };
  }

  /** In seconds, the unit of reports. */
  quantilesSeconds(): Quantiles<Seconds> {
    const { p50, p90, p99, max } = this.quantiles();
    const seconds = (ms: Milliseconds | undefined): Seconds | undefined =>
      ms === undefined ? undefined : toSeconds(ms);
    return { p50: seconds(p50), p90: seconds(p90), p99: seconds(p99), max: seconds(max) };
  }
}
