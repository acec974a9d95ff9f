/** The last decisions with their reasons, as the live page lists them. Never a body, never a credential. */
import type { MissReason, Verdict } from "#objective";
import type { Clock } from "#shell";
import type { Milliseconds, Seconds, Tokens } from "#units";
import type { DecisionLog } from "../decision/decision-log.ts";
import { decisionRecord, type ExplainedDecision } from "../decision/decision-record.ts";
import type { KeptDecision } from "../decision/kept-decision.ts";
import { missCause } from "../decision/miss-cause.ts";
import type { WaitName } from "../decision/waits.ts";

/** One ended request. */
export type LiveDecision = {
  /** Grows by one with each decision: tells decisions apart and gives their order. */
  readonly sequence: number;
  readonly id: string;
  /** Unix time of the verdict. */
  readonly endedAtWallMs: Milliseconds;
  readonly objective: string;
  readonly verdict: Verdict;
  /** Set exactly when the verdict is missed. */
  readonly reason: MissReason | undefined;
  /** Where most of the time went that counted towards the miss; undefined where it was not a latency that missed. */
  readonly longestWait: WaitName | undefined;
  /** By how much it missed; undefined where it was not a latency. */
  readonly overSeconds: Seconds | undefined;
  readonly refusal: string | undefined;
  readonly responseStatus: number | undefined;
  readonly endpoint: string | undefined;
  readonly queueSeconds: Seconds | undefined;
  readonly ttftSeconds: Seconds | undefined;
  readonly tpotSeconds: Seconds | undefined;
  readonly elapsedSeconds: Seconds;
  readonly outputTokens: Tokens;
};

/** Of each half: misses, and all the others. */
const most = 60;

type WhyMissed = Pick<LiveDecision, "longestWait" | "overSeconds">;

const notByLatency: WhyMissed = { longestWait: undefined, overSeconds: undefined };

function whyMissed(explained: ExplainedDecision): WhyMissed {
  const { dimension, wait } = missCause(explained) ?? {};
  if (dimension === undefined) return notByLatency;
  return { longestWait: wait, overSeconds: explained.overSeconds[dimension] };
}

function liveDecision(log: DecisionLog, kept: KeptDecision, wallOffsetMs: Milliseconds): LiveDecision {
  const {
    dimensions: _,
    outcome: _outcome,
    promptTokensEstimated: _tokens,
    endedAtMs,
    ...record
  } = decisionRecord(kept);
  return {
    ...record,
    sequence: kept.sequence,
    endedAtWallMs: Math.round(endedAtMs + wallOffsetMs),
    ...(record.reason === undefined ? notByLatency : whyMissed(log.explain(kept))),
  };
}

/**
 * The newest misses and the newest of the others, newest first, so that a flood of met requests never hides a miss.
 * @param sinceMs only what ended at or after this instant; undefined: whatever is kept
 */
export function liveDecisions(
  log: DecisionLog,
  clock: Clock,
  sinceMs: Milliseconds | undefined,
): readonly LiveDecision[] {
  const wallOffsetMs = clock.wallMs() - clock.nowMs();
  const misses = log.find({ sinceMs, verdict: "missed" }, most);
  const others = log.find({ sinceMs }, most).filter(({ judgement }) => judgement.verdict !== "missed");
  return [...misses, ...others]
    .sort((a, b) => b.sequence - a.sequence)
    .map((kept) => liveDecision(log, kept, wallOffsetMs));
}
