import type { Endpoint } from "#pool";
import type { Milliseconds } from "#units";
import type { InFlightView } from "../../scheduling/plugin.ts";
import { SlotColumn } from "./slot-column.ts";

/** How many of our requests were in flight at an endpoint when its latest scrape was answered. */
export class LedgerAtScrape {
  readonly #inFlight: InFlightView;
  readonly #notedRequests = new SlotColumn(0);
  /** `observedAtMs` of the scrape that `notedRequests` is about. */
  readonly #notedForMs = new SlotColumn(Number.NaN);
  readonly #requests = new SlotColumn(0);
  /** `observedAtMs` of the scrape that `requests` is about. */
  readonly #takenForMs = new SlotColumn(Number.NaN);

  constructor(inFlight: InFlightView) {
    this.#inFlight = inFlight;
  }

  /** The scrape was answered just now. */
  note(slot: number, observedAtMs: Milliseconds): void {
    this.#notedRequests.set(slot, this.#inFlight.requests(slot));
    this.#notedForMs.set(slot, observedAtMs);
  }

  /**
   * A snapshot shows the endpoint. A scrape that was not noted counts from now on.
   * @returns true when its scrape is another than before
   */
  take({ slot, metrics }: Endpoint): boolean {
    if (metrics === undefined || metrics.observedAtMs === this.#takenForMs.get(slot)) return false;
    const wasNoted = metrics.observedAtMs === this.#notedForMs.get(slot);
    this.#requests.set(slot, wasNoted ? this.#notedRequests.get(slot) : this.#inFlight.requests(slot));
    this.#takenForMs.set(slot, metrics.observedAtMs);
    return true;
  }

  requests(slot: number): number {
    return this.#requests.get(slot);
  }

  /** Admitted and not ended again since the scrape, on balance; 0 where more have ended. */
  admittedSince(slot: number): number {
    return Math.max(0, this.#inFlight.requests(slot) - this.#requests.get(slot));
  }

  /** A note made before the slot's new endpoint was shown may be about that endpoint and is told apart by its instant. */
  forget(slot: number): void {
    this.#requests.clear(slot);
    this.#takenForMs.clear(slot);
  }
}
