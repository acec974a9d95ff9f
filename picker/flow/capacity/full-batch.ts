import type { Endpoint } from "#pool";
import type { Milliseconds, Ratio } from "#units";
import { SlotColumn } from "./slot-column.ts";

export type FullBatchOptions = {
  /** A server lets requests wait when more of them wait than this share of those that it runs, and than one. */
  readonly spareRatio: Ratio;
  /** How long it has to, from scrape to scrape, before its batch counts as full. */
  readonly forMs: Milliseconds;
};

export const defaultFullBatch: FullBatchOptions = { spareRatio: 0.05, forMs: 1000 };

/**
 * What scrapes tell of a server's batch: one that keeps letting requests wait runs as many as it can. What is sent to it beyond
 * those waits there, in the order of arrival, instead of here, where the important ones go first.
 */
export class FullBatch {
  readonly #options: FullBatchOptions;
  readonly #scrapedAtMs = new SlotColumn(Number.NaN);
  /** Since when requests wait; NaN: they do not. */
  readonly #waitingSinceMs = new SlotColumn(Number.NaN);
  readonly #mostRunning = new SlotColumn(0);

  constructor(options: FullBatchOptions = defaultFullBatch) {
    this.#options = options;
  }

  /**
   * A snapshot shows the endpoint.
   * @returns how many requests it runs at most; undefined where this scrape does not tell
   */
  take({ slot, metrics }: Endpoint): number | undefined {
    if (metrics === undefined || metrics.observedAtMs === this.#scrapedAtMs.get(slot)) return undefined;
    const { observedAtMs, runningRequests, waitingRequests } = metrics;
    this.#scrapedAtMs.set(slot, observedAtMs);
    if (runningRequests === undefined || waitingRequests === undefined) return undefined;
    if (waitingRequests <= this.#spare(runningRequests)) {
      this.#waitingSinceMs.clear(slot);
      this.#mostRunning.clear(slot);
      return undefined;
    }
    const mostRunning = Math.max(runningRequests, this.#mostRunning.get(slot));
    this.#mostRunning.set(slot, mostRunning);
    const sinceMs = this.#waitingSinceMs.get(slot);
    if (Number.isNaN(sinceMs)) this.#waitingSinceMs.set(slot, observedAtMs);
    return observedAtMs - sinceMs >= this.#options.forMs ? mostRunning : undefined;
  }

  #spare(running: number): number {
    return Math.max(1, Math.ceil(this.#options.spareRatio * running));
  }

  forget(slot: number): void {
    this.#scrapedAtMs.clear(slot);
    this.#waitingSinceMs.clear(slot);
    this.#mostRunning.clear(slot);
  }
}
