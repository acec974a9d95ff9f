/** The rolling windows of the live page: what was judged, measured and picked in the last minutes. */
import { endpointMetrics, type MetricRegistry } from "#metrics";
import type { ObjectiveTable } from "#objective";
import type { PoolSnapshot } from "#pool";
import type { Milliseconds } from "#units";
import { judgedCounts } from "../attainment/summary.ts";
import { CountRing, type Increase } from "./count-ring.ts";
import { outcomeCounts, readWould, type WouldCounts } from "./flow-counts.ts";
import { readHistograms, shownHistogramNames, type ShownHistogram } from "./histograms.ts";

/** Time between two samples. */
export const sampleStepMs: Milliseconds = 5000;
/** Windows over which the burn rate is read. Source: the fast window pair of multi-window burn-rate alerts. */
export const burnWindowsMs = [300_000, 3_600_000] as const satisfies readonly Milliseconds[];
/** The window of latencies, picks and steps. */
export const recentMs: Milliseconds = burnWindowsMs[0];

/** What the counts are read from. */
export type WindowSources = {
  readonly registry: MetricRegistry;
  readonly pool: string;
  readonly objectives: () => ObjectiveTable;
  readonly snapshot: () => PoolSnapshot;
};

const outcomesName = "outcomes";

/** Rings by the name of what they count. */
class Rings {
  readonly #slots: number;
  #rings = new Map<string, CountRing>();

  constructor(windowMs: Milliseconds) {
    this.#slots = Math.ceil(windowMs / sampleStepMs) + 1;
  }

  get(name: string): CountRing | undefined {
    return this.#rings.get(name);
  }

  /** Keeps a sample of each name, and forgets what has none. A new name counts from its first sample. */
  sample(atMs: Milliseconds, counts: ReadonlyMap<string, readonly number[]>): void {
    const rings = new Map<string, CountRing>();
    for (const [name, values] of counts) {
      const ring = this.#rings.get(name);
      ring?.sample(atMs, values);
      rings.set(name, ring ?? new CountRing(this.#slots, atMs, values));
    }
    this.#rings = rings;
  }
}

/** Samples the counters of one picker. The first sample is taken when it is made. */
export class LiveWindows {
  readonly #sources: WindowSources;
  readonly #judged = new Rings(Math.max(...burnWindowsMs));
  readonly #measured = new Rings(recentMs);

  constructor(sources: WindowSources, nowMs: Milliseconds) {
    this.#sources = sources;
    this.sample(nowMs);
  }

  /** To be called each `sampleStepMs`. */
  sample(nowMs: Milliseconds): void {
    const { registry, pool, objectives, snapshot } = this.#sources;
    const judged = new Map<string, readonly number[]>();
    const measured = new Map<string, readonly number[]>();
    const histograms = readHistograms(registry, pool);
    const would = readWould(registry, pool);
    measured.set(outcomesName, outcomeCounts(registry, pool));
    for (const { name } of objectives().entries) {
      judged.set(name, this.#judgedCounts(name));
      const wouldHave = would.get(name);
      if (wouldHave !== undefined) measured.set(`would ${name}`, wouldHave);
      for (const shown of shownHistogramNames) {
        const counts = histograms[shown].get(name)?.counts;
        if (counts !== undefined) measured.set(`${shown} ${name}`, counts);
      }
    }
    for (const { id } of snapshot().endpoints) measured.set(`picks ${id}`, [this.#picks(id)]);
    this.#judged.sample(nowMs, judged);
    this.#measured.sample(nowMs, measured);
  }

  /** Met and missed within the window; undefined for an objective that was not sampled yet. */
  judged(objective: string, windowMs: Milliseconds, nowMs: Milliseconds): Increase | undefined {
    return this.#judged.get(objective)?.increase(nowMs, windowMs, this.#judgedCounts(objective));
  }

  /** Met and missed in each step of the recent window that has ended, oldest first. */
  judgedSteps(objective: string): readonly (readonly number[])[] {
    return this.#judged.get(objective)?.steps(recentMs / sampleStepMs) ?? [];
  }

  /** Values in each bucket within the recent window. */
  measured(shown: ShownHistogram, objective: string, nowMs: Milliseconds, counts: readonly number[]): Increase {
    const ring = this.#measured.get(`${shown} ${objective}`);
    return ring?.increase(nowMs, recentMs, counts) ?? { by: counts, coveredMs: 0 };
  }

  /** Requests sent to the endpoint within the recent window. */
  picks(endpoint: string, nowMs: Milliseconds): number {
    const total = this.#picks(endpoint);
    return this.#measured.get(`picks ${endpoint}`)?.increase(nowMs, recentMs, [total]).by[0] ?? total;
  }

  /** Requests that left flow control within the recent window, in the order of `flowOutcomes`. */
  outcomes(nowMs: Milliseconds): Increase {
    const { registry, pool } = this.#sources;
    const counts = outcomeCounts(registry, pool);
    return this.#measured.get(outcomesName)?.increase(nowMs, recentMs, counts) ?? { by: counts, coveredMs: 0 };
  }

  /** What enforcing would have done within the recent window, as `counts` are. */
  would(objective: string, nowMs: Milliseconds, counts: WouldCounts): Increase {
    const ring = this.#measured.get(`would ${objective}`);
    return ring?.increase(nowMs, recentMs, counts) ?? { by: counts, coveredMs: 0 };
  }

  #judgedCounts(objective: string): readonly number[] {
    const { met, missed } = judgedCounts(this.#sources.registry, this.#sources.pool, objective);
    return [met, missed];
  }

  #picks(endpoint: string): number {
    const { registry, pool } = this.#sources;
    return registry.value(endpointMetrics.picksTotal, { pool, endpoint }) ?? 0;
  }
}
