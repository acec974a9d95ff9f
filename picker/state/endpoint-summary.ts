/** What is known of each endpoint as one readable row, for /debug/state and the live page. */
import { endpointMetrics, type MetricRegistry } from "#metrics";
import { freshness, type Freshness, type PoolSnapshot } from "#pool";
import { toSeconds, type Milliseconds, type Ratio, type Seconds } from "#units";
import type { InFlightLedger, InFlightLoad } from "../flow/ledger.ts";

/** Undefined: the model server did not say, or was never scraped. */
export type EndpointSummary = {
  readonly id: string;
  readonly hostPort: string;
  readonly state: Freshness;
  /** Since the start of the process. */
  readonly picks: number;
  readonly models: readonly string[];
  readonly ageSeconds: Seconds | undefined;
  readonly waitingRequests: number | undefined;
  readonly runningRequests: number | undefined;
  readonly kvCacheUsageRatio: Ratio | undefined;
  readonly inFlight: InFlightLoad;
};

/** What a summary is made of. */
export type EndpointFacts = {
  readonly registry: MetricRegistry;
  /** Name of the pool, as on its series. */
  readonly pool: string;
  readonly snapshot: PoolSnapshot;
  readonly ledger: InFlightLedger;
  readonly nowMs: Milliseconds;
  readonly staleAfterMs: Milliseconds;
};

/** More than this is not a summary any more. */
const mostEndpoints = 100;
const mostModels = 20;

/** The first hundred endpoints, in the order of the snapshot. */
export const summariseEndpoints = (facts: EndpointFacts): readonly EndpointSummary[] => {
  const { registry, pool, snapshot, ledger, nowMs, staleAfterMs } = facts;
  return snapshot.endpoints.slice(0, mostEndpoints).map(({ id, hostPort, slot, metrics }) => ({
    id,
    hostPort,
    state: freshness(metrics, nowMs, staleAfterMs),
    picks: registry.value(endpointMetrics.picksTotal, { pool, endpoint: id }) ?? 0,
    models: [...(metrics?.models ?? [])].slice(0, mostModels),
    ageSeconds: metrics && toSeconds(nowMs - metrics.observedAtMs),
    waitingRequests: metrics?.waitingRequests,
    runningRequests: metrics?.runningRequests,
    kvCacheUsageRatio: metrics?.kvCacheUsageRatio,
    inFlight: {
      requests: ledger.requests(slot),
      promptTokens: ledger.promptTokens(slot),
      uncachedPromptTokens: ledger.uncachedPromptTokens(slot),
    },
  }));
};
