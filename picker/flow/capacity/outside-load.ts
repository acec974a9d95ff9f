import { freshness, type Endpoint, type EndpointMetrics } from "#pool";
import type { Milliseconds } from "#units";
import { LedgerAtScrape } from "./ledger-at-scrape.ts";
import { SlotColumn } from "./slot-column.ts";
import type { InFlightView } from "../../scheduling/plugin.ts";

export type OutsideLoadOptions = {
  /** From this age on a scrape is stale. */
  readonly staleAfterMs: Milliseconds;
  /** Time over which a stale scrape's figure goes to 0. */
  readonly fadeMs: Milliseconds;
};

/** Requests at the model server; undefined where it says neither number, the known one where it says one. */
const reported = ({ runningRequests, waitingRequests }: EndpointMetrics): number | undefined =>
  runningRequests === undefined && waitingRequests === undefined
    ? undefined
    : (runningRequests ?? 0) + (waitingRequests ?? 0);

/**
 * Requests at an endpoint that are not ours: other pickers' and direct ones. A scrape's running + waiting, less what the
 * ledger held when it was answered.
 * - fresh: that figure, until the next scrape
 * - stale: the last figure, going down to 0 over `fadeMs`
 * - unknown (never scraped, or the server does not say): 0
 * A request counts in the ledger before it reaches the server and until its end has come back, so our own are never
 * taken for someone else's.
 */
export class OutsideLoad {
  readonly #options: OutsideLoadOptions;
  readonly #atScrape: LedgerAtScrape;
  readonly #requests = new SlotColumn(0);

  constructor(inFlight: InFlightView, options: OutsideLoadOptions) {
    this.#options = options;
    this.#atScrape = new LedgerAtScrape(inFlight);
  }

  /** The scrape was answered just now. */
  noteScrape(slot: number, observedAtMs: Milliseconds): void {
    this.#atScrape.note(slot, observedAtMs);
  }

  /** A snapshot shows the endpoint. */
  take(endpoint: Endpoint): void {
    const { slot, metrics } = endpoint;
    if (metrics === undefined || !this.#atScrape.take(endpoint)) return;
    const atServer = reported(metrics);
    const outside = atServer === undefined ? 0 : atServer - this.#atScrape.requests(slot);
    this.#requests.set(slot, outside > 0 ? outside : 0);
  }

  /** In [0, ∞); a fraction only while it fades. */
  requests({ slot, metrics }: Endpoint, nowMs: Milliseconds): number {
    const last = this.#requests.get(slot);
    if (last === 0 || metrics === undefined) return 0;
    const { staleAfterMs, fadeMs } = this.#options;
    if (freshness(metrics, nowMs, staleAfterMs) === "fresh") return last;
    const fadedMs = nowMs - metrics.observedAtMs - staleAfterMs;
    return fadedMs >= fadeMs ? 0 : last * (1 - fadedMs / fadeMs);
  }

  forget(slot: number): void {
    this.#requests.clear(slot);
    this.#atScrape.forget(slot);
  }
}
