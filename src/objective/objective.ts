import type { Milliseconds, Ratio } from "#units";

/**
 * What a request asks to be treated as: a priority within one pool.
 * Source: InferenceObjective v1alpha2 (llm-d.ai, inference.networking.x-k8s.io).
 */
export type InferenceObjective = {
  readonly namespace: string;
  readonly name: string;
  /** Name of the InferencePool it belongs to; undefined where the document names none. */
  readonly poolName: string | undefined;
  /** Higher is served first; negative is sheddable. */
  readonly priority: number;
};

/** True when requests of this objective may be shed under saturation (priority below 0). */
export const isSheddable = (objective: Pick<InferenceObjective, "priority">): boolean => objective.priority < 0;

/** The latencies a service level can bound. */
export type Dimension = "ttft" | "tpot" | "e2e";
/** Every dimension, in the order of label values and reports. */
export const dimensions = ["ttft", "tpot", "e2e"] as const satisfies readonly Dimension[];

/** Upper bounds, each optional, inclusive: a latency equal to its threshold meets it. */
export type LatencyThresholds = {
  readonly ttftMs?: Milliseconds;
  readonly tpotMs?: Milliseconds;
  readonly e2eMs?: Milliseconds;
};

/** The period of a service level that names none: 28 days. */
export const defaultPeriodMs: Milliseconds = 28 * 86_400_000;

/** A service level objective of one InferenceObjective: thresholds, and the share of requests that must meet them. */
export type ServiceLevel = {
  readonly thresholds: LatencyThresholds;
  /** Share of judged requests that must be met, in (0, 1). */
  readonly target: Ratio;
  readonly periodMs: Milliseconds;
  /** Whether a shed of sheddable traffic counts as missed or leaves the ratio. */
  readonly sheddedAs: "missed" | "excluded";
};

/** Why a request was refused before a model server got it. */
export type RefusalReason = "shed" | "queue_full" | "ttl_expired" | "evicted" | "no_endpoints" | "shutting_down";

/**
 * How a request ended; every request that arrived ends in exactly one.
 * - completed: the response was seen to its format's own end
 * - refused: by us, before or instead of an answer
 * - upstream-error: 5xx, reset, or a stream that ended without its format's own end
 * - invalid: 4xx from us or from the model server
 * - client-gone: the client left; what was seen until then is in the observation
 * - unobserved: the proxy was configured not to show us the response, so nothing can be said
 */
export type RequestOutcome =
  | { readonly kind: "completed" }
  | { readonly kind: "refused"; readonly reason: RefusalReason }
  | { readonly kind: "upstream-error" }
  | { readonly kind: "invalid" }
  | { readonly kind: "client-gone" }
  | { readonly kind: "unobserved" };

/** One word per request. Only met and missed enter ratios. */
export type Verdict = "met" | "missed" | "excluded" | "untargeted";
/** Every verdict, in the order of label values. */
export const verdicts = ["met", "missed", "excluded", "untargeted"] as const satisfies readonly Verdict[];

/** The verdict of one dimension. */
export type DimensionVerdict = "met" | "missed";

/** Why a request missed; the first of the list that applies. */
export type MissReason = Dimension | RefusalReason | "upstream_error" | "client_gone";
/** Every miss reason, in the order of label values. */
export const missReasons = [
  "ttft",
  "tpot",
  "e2e",
  "shed",
  "queue_full",
  "ttl_expired",
  "evicted",
  "no_endpoints",
  "upstream_error",
  "client_gone",
  "shutting_down",
] as const satisfies readonly MissReason[];
