/** Everything that flow control is told, whatever it was written in. Immutable; a change of configuration is a new one. */
import type { Milliseconds } from "#units";
import type { ConcurrencyDetectorOptions } from "./capacity/concurrency-detector.ts";
import type { LearnedCapacityOptions } from "./capacity/learned-capacity.ts";
import type { LedgerDetectorOptions } from "./capacity/ledger-detector.ts";
import type { PriorityHoldbackOptions } from "./capacity/usage-limit-policy.ts";
import type { UtilizationDetectorOptions } from "./capacity/utilization-detector.ts";
import type { QueueSettings } from "./queue/settings.ts";
import type { RetryAfterSettings } from "./refusal/retry-after.ts";
import type { TrustSettings } from "./trust/settings.ts";

/**
 * - queue: every request may wait for room
 * - legacy: nothing waits; sheddable requests are refused while the pool is full, others are always admitted
 *
 * Source: llm-d-router, feature gate `flowControl`.
 */
export type Admission = "queue" | "legacy";

/** Whether decisions are carried out, or only made and counted. */
export type Enforcement = "enforce" | "observe";

/** What becomes of a request whose TTFT target can no longer be met. */
export type LatePolicy =
  /** Refused at once. */
  | "shed"
  /** Goes on waiting at the priority `demoteTo`. */
  | "demote"
  /** As if it had no target. */
  | "serve";

/** How long a request may wait while there are endpoints. undefined: as long as its client does. */
export type TtlSettings = {
  /** Of the bands that have their own settings, by priority. */
  readonly ofBandMs: ReadonlyMap<number, Milliseconds | undefined>;
  /** Of any other priority ≥ 0. */
  readonly dynamicMs: Milliseconds | undefined;
  /** Of any other priority < 0. */
  readonly dynamicNegativeMs: Milliseconds | undefined;
  /** Request header, lower case, with a shorter TTL in whole milliseconds; it never lengthens one. */
  readonly header: string;
  /** A request with a TTFT target waits at most this many times the target; undefined: targets set no TTL. */
  readonly perTtft: number | undefined;
};

export type LateSettings = {
  /** For priorities < 0. */
  readonly sheddable: LatePolicy;
  /** For priorities ≥ 0. */
  readonly other: LatePolicy;
  /** Of requests of these objectives, whatever their priority. */
  readonly byObjective: ReadonlyMap<string, LatePolicy>;
  /** Below 0. At this priority a late request of policy demote goes on waiting. */
  readonly demoteTo: number;
  /** A sheddable request that is late on arrival, as predicted, is refused then. */
  readonly refusesInfeasible: boolean;
};

/** How long requests wait while there are no endpoints; a change between the two regimes starts a new budget. */
export type HoldForZeroSettings = {
  /** undefined: as long as their clients do. */
  readonly budgetMs: Milliseconds | undefined;
  /** How observed cold starts raise the budget; undefined: it stays as it is. */
  readonly learned: { readonly coldStartFactor: number; readonly maxBudgetMs: Milliseconds } | undefined;
};

/** What tells whether an endpoint has room. `type` is the type of the plugin. */
export type DetectorSettings =
  | (LedgerDetectorOptions & {
      readonly type: "ledger-detector";
      readonly capacity:
        | { readonly kind: "learned"; readonly options: LearnedCapacityOptions }
        | { readonly kind: "static"; readonly maxRequests: number };
    })
  | (UtilizationDetectorOptions & {
      readonly type: "utilization-detector";
      /** Capacity of an endpoint whose metrics are stale or unknown. */
      readonly maxRequestsWithoutMetrics: number;
    })
  | (ConcurrencyDetectorOptions & { readonly type: "concurrency-detector" });

/** How much of the pool a band may use. `type` is the type of the plugin. */
export type UsageLimitSettings =
  | { readonly type: "static-usage-limit-policy"; readonly ceiling: number }
  | (PriorityHoldbackOptions & { readonly type: "priority-holdback-policy" })
  | { readonly type: "soft-reflective-ceiling-policy" };

/** Requests in flight that are given up for more important ones. Source: llm-d-router, flow control, eviction. */
export type EvictionSettings = {
  readonly maxPerDecision: number;
  /** An eviction that is not confirmed by then counts as confirmed. */
  readonly confirmTimeoutMs: Milliseconds;
  /** From the last confirmation to the next decision: what the detector needs to see the effect. */
  readonly graceMs: Milliseconds;
};

export type FlowSettings = {
  readonly admission: Admission;
  readonly enforcement: Enforcement;
  readonly queue: QueueSettings;
  /** At a global limit, an arrival may take the place of a queued request of lower priority. */
  readonly displaces: boolean;
  readonly ttl: TtlSettings;
  readonly late: LateSettings;
  readonly holdForZero: HoldForZeroSettings;
  readonly detector: DetectorSettings;
  readonly usageLimit: UsageLimitSettings;
  /** undefined: nothing in flight is given up. */
  readonly eviction: EvictionSettings | undefined;
  readonly retryAfter: RetryAfterSettings;
  readonly trust: TrustSettings;
};

/** The TTL of a priority while there are endpoints, before what the request says of its own; undefined: none. */
export function ttlOf(
  { ofBandMs, dynamicMs, dynamicNegativeMs }: TtlSettings,
  priority: number,
): Milliseconds | undefined {
  if (ofBandMs.has(priority)) return ofBandMs.get(priority);
  return priority < 0 ? dynamicNegativeMs : dynamicMs;
}
