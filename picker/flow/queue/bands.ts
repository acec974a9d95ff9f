import type { Milliseconds } from "#units";
import { Band } from "./band.ts";
import type { QueueSettings } from "./settings.ts";

/** The bands by priority: those of the settings, and a bounded number that priorities brought. */
export class Bands {
  readonly #settings: QueueSettings;
  readonly #byPriority = new Map<number, Band>();
  #ordered: readonly Band[] = [];
  #priorities: readonly number[] = [];
  #dynamicCount = 0;

  constructor(settings: QueueSettings) {
    this.#settings = settings;
    for (const [priority, band] of settings.bands) {
      this.#byPriority.set(priority, new Band(priority, band, true, settings.maxIdleFlows));
    }
    this.#order();
  }

  /** Highest priority first. */
  get ordered(): readonly Band[] {
    return this.#ordered;
  }

  /** Of `ordered`; the same array until a band comes or goes. */
  get priorities(): readonly number[] {
    return this.#priorities;
  }

  get(priority: number): Band | undefined {
    return this.#byPriority.get(priority);
  }

  /**
   * The band of a priority, created where there is none. At the bound, the empty dynamic band found idle first makes room.
   * @returns undefined at the bound when every dynamic band holds requests
   */
  provide(priority: number): Band | undefined {
    const known = this.#byPriority.get(priority);
    if (known !== undefined) return known;
    const { dynamicBand, dynamicNegativeBand, maxDynamicBands, maxIdleFlows } = this.#settings;
    if (this.#dynamicCount >= maxDynamicBands) {
      const idle = this.#idlest();
      if (idle === undefined) return undefined;
      this.#remove(idle);
    }
    const settings = priority < 0 ? dynamicNegativeBand : dynamicBand;
    const band = new Band(priority, settings, false, maxIdleFlows);
    this.#byPriority.set(priority, band);
    this.#dynamicCount += 1;
    this.#order();
    return band;
  }

  /** Forgets idle flows and removes idle dynamic bands. @returns the priorities of removed bands */
  sweep(nowMs: Milliseconds): readonly number[] {
    const removed: number[] = [];
    for (const band of this.#ordered) {
      band.sweepFlows(nowMs, this.#settings.idleFlowMs);
      if (band.requests > 0) {
        band.idleSinceMs = undefined;
        continue;
      }
      band.idleSinceMs ??= nowMs;
      if (band.isStatic || nowMs - band.idleSinceMs < this.#settings.idleBandMs) continue;
      this.#remove(band);
      removed.push(band.priority);
    }
    return removed;
  }

  #idlest(): Band | undefined {
    let idlest: Band | undefined;
    for (const band of this.#ordered) {
      if (band.isStatic || band.requests > 0) continue;
      if (idlest === undefined || (band.idleSinceMs ?? Infinity) < (idlest.idleSinceMs ?? Infinity)) idlest = band;
    }
    return idlest;
  }

  #remove(band: Band): void {
    this.#byPriority.delete(band.priority);
    this.#dynamicCount -= 1;
    this.#order();
  }

  #order(): void {
    this.#ordered = [...this.#byPriority.values()].toSorted((a, b) => b.priority - a.priority);
    this.#priorities = this.#ordered.map(({ priority }) => priority);
  }
}
