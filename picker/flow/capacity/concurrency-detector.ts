import type { Endpoint, PoolSnapshot } from "#pool";
import type { Milliseconds, Ratio, Tokens } from "#units";
import type { InFlightView } from "../../scheduling/plugin.ts";
import { anyEndpointHasRoom, endpointFacts, meanSaturation } from "./pool-figures.ts";
import { PoolWatch } from "./pool-watch.ts";
import type { EndpointChoice, SaturationDetector, SaturationMode, SaturationState } from "./saturation-detector.ts";

/** What is counted: requests, uncached prompt tokens, or whichever of the two is fuller. */
export type ConcurrencyMode = "requests" | "tokens" | "hybrid";

export type ConcurrencyDetectorOptions = {
  readonly mode: ConcurrencyMode;
  /** Per endpoint. */
  readonly maxRequests: number;
  /** Per endpoint. */
  readonly maxTokens: Tokens;
  /** How far above its capacity one endpoint may go, as a share of it. */
  readonly headroomRatio: number;
};

/** Scrapes are not used; this is only what `state` calls stale. */
const staleAfterMs: Milliseconds = 2000;

/**
 * In-flight requests or prompt tokens against a fixed capacity. Saturation is the field's, clamped to 1 an endpoint before
 * the mean; an endpoint has room below capacity · (1 + headroom), as in the field's filter.
 * Source: llm-d-router, concurrency-detector.
 */
export class ConcurrencyDetector implements SaturationDetector {
  readonly type = "concurrency-detector";
  readonly #inFlight: InFlightView;
  readonly #options: ConcurrencyDetectorOptions;
  readonly #requestLimit: number;
  readonly #tokenLimit: Tokens;
  readonly #watch: PoolWatch;

  constructor(inFlight: InFlightView, options: ConcurrencyDetectorOptions) {
    this.#inFlight = inFlight;
    this.#options = options;
    this.#requestLimit = Math.floor(options.maxRequests * (1 + options.headroomRatio));
    this.#tokenLimit = Math.floor(options.maxTokens * (1 + options.headroomRatio));
    this.#watch = new PoolWatch(staleAfterMs, { onForget: () => {}, onEndpoint: () => {} });
  }

  update(snapshot: PoolSnapshot, nowMs: Milliseconds): void {
    this.#watch.update(snapshot, nowMs);
  }

  noteScrape(): void {}

  observeLatency(): void {}

  /** The larger of what the mode counts, each against its limit. */
  #fullness(slot: number, maxRequests: number, maxTokens: Tokens): number {
    const { mode } = this.#options;
    const requests = mode === "tokens" ? 0 : this.#inFlight.requests(slot) / maxRequests;
    const tokens = mode === "requests" ? 0 : this.#inFlight.uncachedPromptTokens(slot) / maxTokens;
    return Math.max(requests, tokens);
  }

  hasRoom(endpoint: Endpoint, ceiling: Ratio): boolean {
    if (!this.#watch.takesRequests(endpoint)) return false;
    return this.#fullness(endpoint.slot, this.#requestLimit, this.#tokenLimit) < Math.min(1, ceiling);
  }

  anyRoom(snapshot: PoolSnapshot, ceiling: Ratio): boolean {
    return anyEndpointHasRoom(this, snapshot, ceiling);
  }

  saturation(endpoint: Endpoint): Ratio {
    if (!this.#watch.takesRequests(endpoint)) return 1;
    const { maxRequests, maxTokens } = this.#options;
    return Math.min(1, this.#fullness(endpoint.slot, maxRequests, maxTokens));
  }

  /** Every endpoint has the same capacity, so that the mean equals Σ in flight ÷ Σ capacity. */
  weight(): number {
    return 1;
  }

  takesRequests(endpoint: Endpoint): boolean {
    return this.#watch.takesRequests(endpoint);
  }

  poolSaturation(snapshot: PoolSnapshot, includes?: EndpointChoice): Ratio {
    return meanSaturation(this, snapshot, includes);
  }

  /** It works without scrapes. */
  get mode(): SaturationMode {
    return this.#watch.mode === "no-endpoints" ? "no-endpoints" : "normal";
  }

  forget(): void {}

  state(snapshot: PoolSnapshot): SaturationState {
    const { mode, maxRequests } = this.#options;
    return {
      detector: this.type,
      mode: this.mode,
      saturation: this.poolSaturation(snapshot),
      endpoints: snapshot.endpoints.map((endpoint) => ({
        ...endpointFacts(endpoint, this.#watch.nowMs, staleAfterMs),
        inFlight: this.#inFlight.requests(endpoint.slot),
        outside: 0,
        capacity: mode === "tokens" ? undefined : maxRequests,
        saturation: this.saturation(endpoint),
      })),
    };
  }
}
