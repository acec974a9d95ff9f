import type { Endpoint, PoolSnapshot } from "#pool";
import type { Milliseconds, Ratio } from "#units";
import type { InFlightView } from "../../scheduling/plugin.ts";
import type { Capacity } from "./capacity.ts";
import { FullBatch } from "./full-batch.ts";
import { OutsideLoad } from "./outside-load.ts";
import { anyEndpointHasRoom, endpointFacts, meanSaturation } from "./pool-figures.ts";
import { PoolWatch } from "./pool-watch.ts";
import type { EndpointChoice, SaturationDetector, SaturationMode, SaturationState } from "./saturation-detector.ts";

export type LedgerDetectorOptions = {
  readonly staleAfterMs: Milliseconds;
  /** Time over which what a stale scrape told of others goes to 0. */
  readonly staleFadeMs: Milliseconds;
  /** Share of an endpoint that others' requests never take from us, whatever a scrape says. In (0, 1]. */
  readonly ownShare: Ratio;
};

export const defaultLedgerDetector: LedgerDetectorOptions = { staleAfterMs: 2000, staleFadeMs: 10_000, ownShare: 0.1 };

/** Keeps a product such as 0.7 · 10 on the whole number it stands for. */
const rounding = 1e-9;

/**
 * Load against capacity, endpoint by endpoint: what the ledger holds, plus what scrapes tell of others.
 *
 * Scrapes correct and never decide. Whatever they say, the ledger's own count stays within capacity, and at least
 * `ownShare` of an endpoint, one request at the least, stays ours. Others' requests count
 * - in full while the scrape is fresh,
 * - fading to nothing over `staleFadeMs` when it is stale and another endpoint's is fresh,
 * - not at all when the endpoint was never scraped, or no endpoint is fresh: then the mode is `concurrency-only`.
 *
 * A scrape that shows a full batch bounds a learned capacity; it never goes below what the server runs.
 *
 * A ceiling below 1 is a share of each endpoint's capacity, rounded down so that what it holds back is really free, and
 * one request at the least, so that no endpoint is too small for a band.
 */
export class LedgerDetector implements SaturationDetector {
  readonly type = "ledger-detector";
  readonly #inFlight: InFlightView;
  readonly #capacity: Capacity;
  readonly #options: LedgerDetectorOptions;
  readonly #outside: OutsideLoad;
  readonly #fullBatch = new FullBatch();
  readonly #watch: PoolWatch;

  constructor(inFlight: InFlightView, capacity: Capacity, options: LedgerDetectorOptions = defaultLedgerDetector) {
    this.#inFlight = inFlight;
    this.#capacity = capacity;
    this.#options = options;
    const { staleAfterMs, staleFadeMs: fadeMs } = options;
    this.#outside = new OutsideLoad(inFlight, { staleAfterMs, fadeMs });
    this.#watch = new PoolWatch(staleAfterMs, {
      onForget: (slot) => this.forget(slot),
      onEndpoint: (endpoint) => this.#take(endpoint),
    });
  }

  update(snapshot: PoolSnapshot, nowMs: Milliseconds): void {
    this.#watch.update(snapshot, nowMs);
  }

  #take(endpoint: Endpoint): void {
    this.#outside.take(endpoint);
    const mostRunning = this.#fullBatch.take(endpoint);
    if (mostRunning !== undefined) this.#capacity.atMost(endpoint.slot, mostRunning, this.#watch.nowMs);
  }

  noteScrape(slot: number, observedAtMs: Milliseconds): void {
    this.#outside.noteScrape(slot, observedAtMs);
  }

  observeLatency(endpoint: Endpoint, latencyRatio: number, sinceMs: Milliseconds, nowMs: Milliseconds): void {
    const current = this.#watch.current(endpoint);
    if (current === undefined) return;
    const { slot } = current;
    const others = this.#counted(current, this.#capacity.of(slot));
    const load = this.#inFlight.requests(slot) + others;
    this.#capacity.observe(slot, latencyRatio, sinceMs, nowMs, load, this.#watch.isFresh(current));
  }

  hasRoom(endpoint: Endpoint, ceiling: Ratio): boolean {
    if (!(ceiling > 0) || !this.#watch.takesRequests(endpoint)) return false;
    const { slot } = endpoint;
    const capacity = this.#capacity.of(slot);
    const usable = ceiling >= 1 ? capacity : Math.max(1, Math.floor(ceiling * capacity + rounding));
    return this.#inFlight.requests(slot) + this.#counted(endpoint, usable) + 1 <= usable;
  }

  /** Others' requests, less what would leave us fewer than our share of `usable`. */
  #counted(endpoint: Endpoint, usable: number): number {
    if (this.#watch.nothingFresh) return 0;
    const others = this.#outside.requests(endpoint, this.#watch.nowMs);
    if (others === 0) return 0;
    const ours = Math.max(1, Math.ceil(this.#options.ownShare * usable - rounding));
    return Math.min(others, usable - ours);
  }

  anyRoom(snapshot: PoolSnapshot, ceiling: Ratio): boolean {
    return anyEndpointHasRoom(this, snapshot, ceiling);
  }

  saturation(endpoint: Endpoint): Ratio {
    if (!this.#watch.takesRequests(endpoint)) return 1;
    const capacity = this.#capacity.of(endpoint.slot);
    return Math.min(1, (this.#inFlight.requests(endpoint.slot) + this.#counted(endpoint, capacity)) / capacity);
  }

  /** How many requests the endpoint may have. */
  weight({ slot }: Endpoint): number {
    return this.#capacity.of(slot);
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
    this.#capacity.forget(slot);
    this.#outside.forget(slot);
    this.#fullBatch.forget(slot);
  }

  state(snapshot: PoolSnapshot): SaturationState {
    const { nowMs } = this.#watch;
    return {
      detector: this.type,
      mode: this.mode,
      saturation: this.poolSaturation(snapshot),
      endpoints: snapshot.endpoints.map((endpoint) => ({
        ...endpointFacts(endpoint, nowMs, this.#options.staleAfterMs),
        inFlight: this.#inFlight.requests(endpoint.slot),
        outside: this.#counted(endpoint, this.#capacity.of(endpoint.slot)),
        capacity: this.#capacity.of(endpoint.slot),
        saturation: this.saturation(endpoint),
      })),
    };
  }
}
