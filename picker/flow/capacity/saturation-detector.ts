/** How full model servers are, and which of them may be sent one more request. */
import type { Endpoint, Freshness, PoolSnapshot } from "#pool";
import type { Milliseconds, Ratio } from "#units";

/**
 * - normal: the detector has what it works with
 * - concurrency-only: no endpoint has a fresh scrape, so that in-flight counts decide alone
 * - no-endpoints: the pool is empty
 */
export type SaturationMode = "normal" | "concurrency-only" | "no-endpoints";
/** Every mode, in the order of label values. */
export const saturationModes = [
  "normal",
  "concurrency-only",
  "no-endpoints",
] as const satisfies readonly SaturationMode[];

/** The inputs of one endpoint's saturation. */
export type EndpointSaturation = {
  readonly id: string;
  readonly inFlight: number;
  /** Requests of others that scrapes tell of and that are counted; 0 where the detector counts none. */
  readonly outside: number;
  /** Requests that may be in flight; undefined where the detector measures no requests. */
  readonly capacity: number | undefined;
  readonly saturation: Ratio;
  readonly metrics: Freshness;
  readonly unreachable: boolean;
};

/** For debugging: what was decided from. */
export type SaturationState = {
  readonly detector: string;
  readonly mode: SaturationMode;
  readonly saturation: Ratio;
  readonly endpoints: readonly EndpointSaturation[];
};

/** Which endpoints a pool-wide figure is about. */
export type EndpointChoice = (endpoint: Endpoint) => boolean;

/**
 * Rates endpoints one by one: a request needs one endpoint with room, whatever the others are like. Every answer follows
 * the ledger at once, so that the entry taken at a decision is the reservation.
 *
 * An endpoint that is unreachable has no room, unless every endpoint is.
 */
export interface SaturationDetector {
  /** Name of the plugin type. */
  readonly type: string;
  /**
   * Takes in the pool and the time. Call it before each round of questions, and with every snapshot; free of cost when the
   * snapshot is the one of the call before.
   */
  update(snapshot: PoolSnapshot, nowMs: Milliseconds): void;
  /**
   * A scrape of the endpoint in `slot` was answered just now: what is in flight at this moment explains its figures.
   * Without this call the moment of the next `update` stands for it.
   * @param observedAtMs of the metrics it gave
   */
  noteScrape(slot: number, observedAtMs: Milliseconds): void;
  /**
   * What a request was served with; or, once its target is past, how long it has waited already, so that overload is
   * learned of before its first answers. Detectors that do not learn ignore it.
   * @param latencyRatio measured latency ÷ its target
   * @param sinceMs when the measured span began: the dispatch for TTFT, the first of the tokens for TPOT
   */
  observeLatency(endpoint: Endpoint, latencyRatio: number, sinceMs: Milliseconds, nowMs: Milliseconds): void;
  /** May the endpoint take one more request of a band that may use `ceiling` of it? Ceilings above 1 count as 1. */
  hasRoom(endpoint: Endpoint, ceiling: Ratio): boolean;
  /** May any endpoint of the pool? False without endpoints. */
  anyRoom(snapshot: PoolSnapshot, ceiling: Ratio): boolean;
  /** In [0, 1]. */
  saturation(endpoint: Endpoint): Ratio;
  /**
   * In [0, 1]; 1 without endpoints. Unreachable endpoints are left out, unless all are.
   * @param includes which endpoints it is about; undefined: all
   */
  poolSaturation(snapshot: PoolSnapshot, includes?: EndpointChoice): Ratio;
  /** What the last `update` found. */
  readonly mode: SaturationMode;
  /** Forgets what was learned of the endpoint that had the slot. A slot that changes hands in `update` is forgotten by itself. */
  forget(slot: number): void;
  /** Allocates; not for the request path. */
  state(snapshot: PoolSnapshot): SaturationState;
}
