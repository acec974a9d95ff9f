/** How long a request may wait, and by when its first token is due. */
import { isSheddable } from "#objective";
import type { Milliseconds } from "#units";
import { ttlOf, type FlowSettings, type LatePolicy } from "../settings.ts";
import { headerMs } from "./header-ms.ts";

/** The limits of one request, fixed at its arrival. */
export type TimeLimits = {
  readonly arrivedAtMs: Milliseconds;
  /** Counts anew when the pool gets its first endpoint. undefined: as long as its client waits, here and below. */
  readonly ttlMs: Milliseconds | undefined;
  /** Counts from arrival, whatever happens to the pool. */
  readonly headerTtlMs: Milliseconds | undefined;
  /** Arrival plus TTFT target; undefined: it has none, and is never late. */
  readonly deadlineAtMs: Milliseconds | undefined;
  readonly late: LatePolicy;
};

export type LimitsAsk = {
  readonly objective: string;
  readonly priority: number;
  readonly arrivedAtMs: Milliseconds;
  readonly ttftTargetMs: Milliseconds | undefined;
  readonly ttlHeader: string | undefined;
  readonly ttftHeader: string | undefined;
};

/** The pool as waiting requests see it. */
export type Regime = {
  readonly isPoolEmpty: boolean;
  /** When it last got its first endpoint or lost its last one. */
  readonly sinceMs: Milliseconds;
  /** How long a request is held without endpoints; undefined: as long as its client waits. */
  readonly holdMs: Milliseconds | undefined;
};

/** When a request leaves the queue unserved, and whether that is because it can no longer be in time. */
export type Expiry = { readonly atMs: Milliseconds | undefined; readonly isLate: boolean };

const earlier = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.min(a, b);

/** What becomes of a request that is late. */
export const latePolicyOf = (
  { byObjective, sheddable, other }: FlowSettings["late"],
  request: { readonly objective: string; readonly priority: number },
): LatePolicy => byObjective.get(request.objective) ?? (isSheddable(request) ? sheddable : other);

/** Headers tighten what the configuration says; they loosen nothing. */
export function timeLimits({ ttl, late }: FlowSettings, ask: LimitsAsk): TimeLimits {
  const { arrivedAtMs, priority } = ask;
  const ttftMs = earlier(headerMs(ask.ttftHeader), ask.ttftTargetMs);
  const byTarget = ttftMs === undefined || ttl.perTtft === undefined ? undefined : ttftMs * ttl.perTtft;
  return {
    arrivedAtMs,
    ttlMs: earlier(ttlOf(ttl, priority), byTarget),
    headerTtlMs: headerMs(ask.ttlHeader),
    deadlineAtMs: ttftMs === undefined ? undefined : arrivedAtMs + ttftMs,
    late: latePolicyOf(late, ask),
  };
}

/** The budget counts from the later of the arrival and the change of regime. */
const from = ({ arrivedAtMs }: TimeLimits, { sinceMs }: Regime): Milliseconds => Math.max(arrivedAtMs, sinceMs);

const plus = (start: Milliseconds, ms: Milliseconds | undefined): Milliseconds | undefined =>
  ms === undefined ? undefined : start + ms;

/** The end of its time to live. */
export const ttlEndsAtMs = (limits: TimeLimits, regime: Regime): Milliseconds | undefined =>
  earlier(
    plus(limits.arrivedAtMs, limits.headerTtlMs),
    plus(from(limits, regime), regime.isPoolEmpty ? regime.holdMs : limits.ttlMs),
  );

/**
 * The last instant at which a dispatch can still be in time; undefined: there is none. The time that the pool had no
 * endpoint is given back, or every held request would be late the moment the first one is there.
 * @param serviceMs dispatch to first token; 0 where it is not known, so that lateness is certain before it is acted on
 */
export const latestDispatchAtMs = (
  { deadlineAtMs, arrivedAtMs }: TimeLimits,
  { isPoolEmpty, sinceMs }: Regime,
  serviceMs: Milliseconds,
): Milliseconds | undefined =>
  deadlineAtMs === undefined || isPoolEmpty ? undefined : deadlineAtMs + Math.max(0, sinceMs - arrivedAtMs) - serviceMs;

/** The earlier of both; a late request that is served as if it had no target does not leave. */
export function expiryOf(limits: TimeLimits, regime: Regime, serviceMs: Milliseconds): Expiry {
  const ttlAtMs = ttlEndsAtMs(limits, regime);
  const lateAtMs = limits.late === "serve" ? undefined : latestDispatchAtMs(limits, regime, serviceMs);
  const isLate = lateAtMs !== undefined && (ttlAtMs === undefined || lateAtMs < ttlAtMs);
  return { atMs: isLate ? lateAtMs : ttlAtMs, isLate };
}
