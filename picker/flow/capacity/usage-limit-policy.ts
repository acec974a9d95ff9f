import type { Ratio } from "#units";

/** How much of an endpoint each priority band may use. */
export interface UsageLimitPolicy {
  /** Name of the plugin type. */
  readonly type: string;
  /**
   * Writes a ceiling in [0, 1] for each band; 0 closes it. One call a decision: a policy may count its calls.
   * @param saturation effective saturation of the pool
   * @param priorities highest first, no two equal
   * @param out of at least that length
   */
  ceilings(saturation: Ratio, priorities: readonly number[], out: Float64Array): void;
}

/** The same ceiling for every band. Source: llm-d-router, static-usage-limit-policy. */
export class StaticUsageLimit implements UsageLimitPolicy {
  readonly type = "static-usage-limit-policy";
  readonly #threshold: Ratio;

  /** @param threshold above 1 counts as 1, since saturation ends there */
  constructor(threshold: number) {
    this.#threshold = Math.min(1, threshold);
  }

  ceilings(_saturation: Ratio, { length }: readonly number[], out: Float64Array): void {
    for (let i = 0; i < length; i++) out[i] = this.#threshold;
  }
}

export type PriorityHoldbackOptions = {
  /** Spaced evenly by rank, or in proportion to the priorities' values. */
  readonly domain: "rank" | "value";
  /** Of the lowest band. */
  readonly minCeiling: Ratio;
  /** Of the highest band, and of an only one. */
  readonly maxCeiling: Ratio;
};

/**
 * Lower bands may use less, so that head-room is left for higher ones. Source: llm-d-router, priority-holdback-policy.
 */
export class PriorityHoldback implements UsageLimitPolicy {
  readonly type = "priority-holdback-policy";
  readonly #options: PriorityHoldbackOptions;

  constructor(options: PriorityHoldbackOptions) {
    this.#options = options;
  }

  ceilings(_saturation: Ratio, priorities: readonly number[], out: Float64Array): void {
    const { domain, minCeiling, maxCeiling } = this.#options;
    const last = priorities.length - 1;
    const highest = priorities[0] ?? 0;
    const range = domain === "rank" ? last : highest - (priorities[last] ?? 0);
    for (let i = 0; i <= last; i++) {
      const below = domain === "rank" ? i : highest - priorities[i]!;
      out[i] = range === 0 ? maxCeiling : maxCeiling - (below / range) * (maxCeiling - minCeiling);
    }
  }
}

/** Where 1 − s rounds to 0 the period stays finite. */
const smallest = 1e-9;

/**
 * Closes lower bands step by step as saturation rises. Band i of N keeps its whole ceiling while
 * s < 1 − i·s ÷ (N − 1); from there on it is open in one call of round(s ÷ (1 − s)), and shut at s = 1. The highest band is
 * always open. Source: llm-d-router, soft-reflective-ceiling-policy.
 */
export class SoftReflectiveCeiling implements UsageLimitPolicy {
  readonly type = "soft-reflective-ceiling-policy";
  /** By band: calls that found it above its ceiling. */
  readonly #calls: number[] = [];

  ceilings(saturation: Ratio, { length }: readonly number[], out: Float64Array): void {
    for (let i = 0; i < length; i++) out[i] = i === 0 ? 1 : this.#ceiling(i, saturation, length);
  }

  #ceiling(band: number, saturation: Ratio, bands: number): Ratio {
    if (saturation < 1 - (band * saturation) / (bands - 1)) return 1;
    if (saturation >= 1) return 0;
    const period = Math.max(1, Math.round(saturation / (1 - saturation + smallest)));
    const calls = (this.#calls[band] ?? 0) + 1;
    this.#calls[band] = calls;
    return calls % period === 0 ? 1 : 0;
  }
}
