import type { Milliseconds } from "#units";
import type { Regime } from "./deadline/time-limits.ts";
import { ColdStarts } from "./refusal/cold-start.ts";
import type { HoldForZeroSettings } from "./settings.ts";

/** Whether the pool has endpoints, since when, and how long requests are held while it has none. */
export class PoolRegime {
  readonly #settings: HoldForZeroSettings;
  readonly #coldStarts = new ColdStarts();
  #current: Regime;

  constructor(settings: HoldForZeroSettings, nowMs: Milliseconds) {
    this.#settings = settings;
    this.#current = { isPoolEmpty: true, sinceMs: nowMs, holdMs: settings.budgetMs };
  }

  get current(): Regime {
    return this.#current;
  }

  get expectedColdStartMs(): Milliseconds {
    return this.#coldStarts.expectedMs();
  }

  /** What is left of the start under way. */
  untilEndpointMs(nowMs: Milliseconds): Milliseconds {
    return this.#coldStarts.remainingMs(nowMs);
  }

  /** A request arrived. */
  wanted(nowMs: Milliseconds): void {
    if (this.#current.isPoolEmpty) this.#coldStarts.wanted(nowMs);
  }

  /** @returns whether the pool got its first endpoint or lost its last one: waiting requests get a new budget */
  update(endpoints: number, isWanted: boolean, nowMs: Milliseconds): boolean {
    this.#coldStarts.reachable(endpoints, isWanted, nowMs);
    const isPoolEmpty = endpoints === 0;
    if (isPoolEmpty === this.#current.isPoolEmpty) return false;
    this.#current = { isPoolEmpty, sinceMs: nowMs, holdMs: this.#holdMs() };
    return true;
  }

  #holdMs(): Milliseconds | undefined {
    const { budgetMs, learned } = this.#settings;
    const observedMs = this.#coldStarts.observedMs();
    if (budgetMs === undefined || learned === undefined || observedMs === undefined) return budgetMs;
    return Math.max(budgetMs, Math.min(learned.maxBudgetMs, learned.coldStartFactor * observedMs));
  }
}
