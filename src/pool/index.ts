/** The InferencePool as the picker sees it: endpoints, what is known of them, and one immutable snapshot of all. */
export type { Endpoint, EndpointMetrics, Freshness, LoraState } from "./endpoint.ts";
export { freshness, hostPortOf } from "./endpoint.ts";
export type { PoolSnapshot } from "./snapshot.ts";
export { emptySnapshot, makeSnapshot } from "./snapshot.ts";
