import type { Endpoint, PoolSnapshot } from "#pool";
import type { Milliseconds, Ratio } from "#units";
import type { InFlightView } from "../../scheduling/plugin.ts";
import type { Capacity } from "./capacity.ts";
import { LedgerAtScrape } from "./ledger-at-scrape.ts";
import { anyEndpointHasRoom, endpointFacts, meanSaturation } from "./pool-figures.ts";
import { PoolWatch } from "./pool-watch.ts";
import type { EndpointChoice, SaturationDetector, SaturationMode, SaturationState } from "./saturation-detector.ts";

export type UtilizationDetectorOptions = {
  readonly maxWaitingRequests: number;
  readonly maxKvCacheUsage: Ratio;
  readonly staleAfterMs: Milliseconds;
  /** How far above its thresholds one endpoint may go, as a share of them. */
  readonly headroomRatio: number;
};

/**
 * Waiting requests and KV cache usage against fixed thresholds. The score of an endpoint is the field's,
 * max(waiting ÷ threshold, KV usage ÷ threshold), clamped to 1 before the mean. Where the field breaks:
 * - Between two scrapes, requests sent since the last one count as waiting, so that one scrape does not open the gate for
 *   everything that queues.
 * - Stale, unknown, and silent on both numbers are not full: the score is then in flight ÷ capacity. When no endpoint is
 *   fresh the mode is `concurrency-only`, and dispatch goes on.
 * Source: llm-d-router, utilization-detector.
 */
export class UtilizationDetector implements SaturationDetector {
  readonly type = "utilization-detector";
  readonly #inFlight: InFlightView;
  readonly #fallback: Capacity;
  readonly #options: UtilizationDetectorOptions;
  readonly #atScrape: LedgerAtScrape;
  readonly #watch: PoolWatch;

  /** @param fallback capacity of endpoints of which there is no fresh scrape */
  constructor(inFlight: InFlightView, fallback: Capacity, options: UtilizationDetectorOptions) {
    this.#inFlight = inFlight;
    this.#fallback = fallback;
    this.#options = options;
    this.#atScrape = new LedgerAtScrape(inFlight);
    this.#watch = new PoolWatch(options.staleAfterMs, {
      onForget: (slot) => this.forget(slot),
      onEndpoint: (endpoint) => void this.#atScrape.take(endpoint),
    });
  }

  update(snapshot: PoolSnapshot, nowMs: Milliseconds): void {
    this.#watch.update(snapshot, nowMs);
  }

  noteScrape(slot: number, observedAtMs: Milliseconds): void {
    this.#atScrape.note(slot, observedAtMs);
  }

  observeLatency(): void {}

  /** Not clamped. */
  #score(endpoint: Endpoint): number {
    const { slot, metrics } = endpoint;
    const { waitingRequests, kvCacheUsageRatio } = metrics ?? {};
    const isSilent = waitingRequests === undefined && kvCacheUsageRatio === undefined;
    if (isSilent || !this.#watch.isFresh(endpoint)) return this.#inFlight.requests(slot) / this.#fallback.of(slot);
    const { maxWaitingRequests, maxKvCacheUsage } = this.#options;
    const queue = ((waitingRequests ?? 0) + this.#atScrape.admittedSince(slot)) / maxWaitingRequests;
    return Math.max(queue, (kvCacheUsageRatio ?? 0) / maxKvCacheUsage);
  }

  hasRoom(endpoint: Endpoint, ceiling: Ratio): boolean {
    if (!this.#watch.takesRequests(endpoint)) return false;
    return this.#score(endpoint) < Math.min(1, ceiling) * (1 + this.#options.headroomRatio);
  }

  anyRoom(snapshot: PoolSnapshot, ceiling: Ratio): boolean {
    return anyEndpointHasRoom(this, snapshot, ceiling);
  }

  saturation(endpoint: Endpoint): Ratio {
    return this.#watch.takesRequests(endpoint) ? Math.min(1, this.#score(endpoint)) : 1;
  }

  weight(): number {
    return 1;
  }

  takesRequests(endpoint: Endpoint): boolean {
    return this.#watch.takesRequests(endpoint);
  }

  poolSaturation(snapshot: PoolSnapshot, includes?: EndpointChoice): Ratio {
    return meanSaturation(this, snapshot, includes);
  }

  get mode(): SaturationMode {
    return this.#watch.mode;
  }

  forget(slot: number): void {
    this.#fallback.forget(slot);
    this.#atScrape.forget(slot);
  }

  state(snapshot: PoolSnapshot): SaturationState {
    return {
      detector: this.type,
      mode: this.mode,
      saturation: this.poolSaturation(snapshot),
      endpoints: snapshot.endpoints.map((endpoint) => ({
        ...endpointFacts(endpoint, this.#watch.nowMs, this.#options.staleAfterMs),
        inFlight: this.#inFlight.requests(endpoint.slot),
        outside: 0,
        capacity: this.#watch.isFresh(endpoint) ? undefined : this.#fallback.of(endpoint.slot),
        saturation: this.saturation(endpoint),
      })),
    };
  }
}
