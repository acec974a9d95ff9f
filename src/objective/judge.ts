import { unreachable } from "#errors";
import type { Milliseconds } from "#units";
import {
  dimensions,
  isSheddable,
  type Dimension,
  type DimensionVerdict,
  type LatencyThresholds,
  type MissReason,
  type RefusalReason,
  type RequestOutcome,
  type ServiceLevel,
  type Verdict,
} from "./objective.ts";

/** What was measured of one request. All spans are of one monotonic clock and start at the request's arrival. */
export type RequestObservation = {
  readonly outcome: RequestOutcome;
  /** Arrival to the end of the response, or to the moment the request ended otherwise. */
  readonly elapsedMs: Milliseconds;
  /** Arrival to the first token event; undefined when there was none or the response was not streamed. */
  readonly ttftMs: Milliseconds | undefined;
  /** Mean time per output token after the first, so far; undefined below two output tokens. */
  readonly tpotMs: Milliseconds | undefined;
  /** Whether the response is an event stream; undefined when no response headers were seen. */
  readonly streamed: boolean | undefined;
};

/** One verdict for the request, the reason of a miss, and the verdict of each dimension that was settled. */
export type Judgement = {
  readonly verdict: Verdict;
  /** Set exactly when the verdict is missed. */
  readonly reason: MissReason | undefined;
  readonly ttft: DimensionVerdict | undefined;
  readonly tpot: DimensionVerdict | undefined;
  readonly e2e: DimensionVerdict | undefined;
};

type Settled = Readonly<Record<Dimension, DimensionVerdict | undefined>>;

const nothingSettled: Settled = { ttft: undefined, tpot: undefined, e2e: undefined };
const untargeted: Judgement = { verdict: "untargeted", reason: undefined, ...nothingSettled };
const excluded: Judgement = { verdict: "excluded", reason: undefined, ...nothingSettled };

const within = (value: Milliseconds | undefined, threshold: Milliseconds | undefined): DimensionVerdict | undefined =>
  value === undefined || threshold === undefined ? undefined : value <= threshold ? "met" : "missed";

const missed = (reason: MissReason, settled: Settled = nothingSettled): Judgement => ({
  verdict: "missed",
  reason,
  ...settled,
});

/** A first token that can no longer be in time is settled, whether or not it ever comes. */
function settledTtft(observation: RequestObservation, thresholds: LatencyThresholds): DimensionVerdict | undefined {
  if (observation.ttftMs !== undefined) return within(observation.ttftMs, thresholds.ttftMs);
  if (observation.streamed === false) return undefined;
  return within(observation.elapsedMs, thresholds.ttftMs) === "missed" ? "missed" : undefined;
}

function fromDimensions(settled: Settled, whenNone: Judgement): Judgement {
  const firstMissed = dimensions.find((dimension) => settled[dimension] === "missed");
  if (firstMissed !== undefined) return missed(firstMissed, settled);
  if (dimensions.every((dimension) => settled[dimension] === undefined)) return whenNone;
  return { verdict: "met", reason: undefined, ...settled };
}

/** A response without any dimension that its targets apply to was not promised anything: it is untargeted. */
function judgeCompleted(observation: RequestObservation, thresholds: LatencyThresholds): Judgement {
  const settled: Settled = {
    ttft: within(observation.ttftMs, thresholds.ttftMs),
    tpot: within(observation.tpotMs, thresholds.tpotMs),
    e2e: within(observation.elapsedMs, thresholds.e2eMs),
  };
  return fromDimensions(settled, untargeted);
}

function judgeClientGone(observation: RequestObservation, thresholds: LatencyThresholds): Judgement {
  const e2e = within(observation.elapsedMs, thresholds.e2eMs) === "missed" ? "missed" : undefined;
  const ttft = settledTtft(observation, thresholds);
  if (observation.ttftMs === undefined) {
    const settled = { ttft, tpot: undefined, e2e } as const;
    return ttft === "missed" || e2e === "missed" ? missed("client_gone", settled) : excluded;
  }
  return fromDimensions({ ttft, tpot: within(observation.tpotMs, thresholds.tpotMs), e2e }, excluded);
}

function judgeRefused(reason: RefusalReason, level: ServiceLevel, sheddable: boolean): Judgement {
  const isShed = reason !== "no_endpoints" && reason !== "shutting_down";
  return isShed && sheddable && level.sheddedAs === "excluded" ? excluded : missed(reason);
}

/**
 * Judges one ended request against its objective's service level.
 * @param observation what was seen of it
 * @param level undefined where the objective has no targets: the verdict is then untargeted whatever happened
 * @param objective its priority decides whether a shed may be excluded
 * @returns the request's one verdict; dimensions only where they were settled before it broke
 * Source: docs/attainment.md, the table of outcomes and verdicts.
 */
export function judge(
  observation: RequestObservation,
  level: ServiceLevel | undefined,
  objective: { readonly priority: number },
): Judgement {
  if (level === undefined) return untargeted;
  const { outcome } = observation;
  switch (outcome.kind) {
    case "completed":
      return judgeCompleted(observation, level.thresholds);
    case "refused":
      return judgeRefused(outcome.reason, level, isSheddable(objective));
    case "upstream-error":
      return missed("upstream_error", {
        ttft: settledTtft(observation, level.thresholds),
        tpot: undefined,
        e2e: undefined,
      });
    case "client-gone":
      return judgeClientGone(observation, level.thresholds);
    case "invalid":
    case "unobserved":
      return excluded;
    default:
      return unreachable(outcome);
  }
}
