/** What is said of one ended request, for /debug/requests and those who read it. Never a body, never a credential. */
import {
  dimensions,
  type Dimension,
  type DimensionVerdict,
  type MissReason,
  type RequestOutcome,
  type Verdict,
} from "#objective";
import { toSeconds, type Milliseconds, type Ratio, type Seconds, type Tokens } from "#units";
import type { FlowNote } from "../flow/flow-control.ts";
import { choiceOf, type Choice } from "./choice.ts";
import type { KeptDecision } from "./kept-decision.ts";
import { waitsOf, type Waits } from "./waits.ts";

type BySettled<V> = Readonly<Partial<Record<Dimension, V>>>;

/** One ended request in short. Spans count from its arrival. */
export type DecisionRecord = {
  readonly id: string;
  readonly objective: string;
  readonly verdict: Verdict;
  /** Set exactly when the verdict is missed. */
  readonly reason: MissReason | undefined;
  readonly dimensions: BySettled<DimensionVerdict>;
  readonly outcome: RequestOutcome["kind"];
  /** Why it was refused; undefined for a request that was not. */
  readonly refusal: string | undefined;
  /** Undefined where no response was seen. */
  readonly responseStatus: number | undefined;
  readonly endpoint: string | undefined;
  readonly queueSeconds: Seconds | undefined;
  readonly ttftSeconds: Seconds | undefined;
  readonly tpotSeconds: Seconds | undefined;
  readonly elapsedSeconds: Seconds;
  readonly promptTokensEstimated: Tokens | undefined;
  readonly outputTokens: Tokens;
  /** Monotonic instant of the verdict. */
  readonly endedAtMs: Milliseconds;
};

/** How flow control stood when it decided. */
export type FlowView = {
  /** Why it was refused; `waited` where it was not. */
  readonly outcome: FlowNote["outcome"];
  readonly waitedSeconds: Seconds;
  /** Of the pool, in [0, 1]. */
  readonly saturation: Ratio;
  /** Queued requests that went before it when it arrived. */
  readonly aheadRequests: number;
  /** At which it waited. */
  readonly priority: number;
};

/** One ended request in full. */
export type ExplainedDecision = DecisionRecord & {
  readonly priority: number;
  /** HTTP status of a refusal. */
  readonly refusalStatus: number | undefined;
  readonly streamed: boolean | undefined;
  /** `other` where no model server says that it serves the model; undefined where none was read. */
  readonly model: string | undefined;
  readonly inputTokens: Tokens | undefined;
  readonly cachedTokens: Tokens | undefined;
  readonly thresholdSeconds: BySettled<Seconds>;
  /** By how much each missed dimension missed; at least that much where its end was never seen. */
  readonly overSeconds: BySettled<Seconds>;
  readonly waits: Waits;
  /** What flow control decided from; undefined where it was placed at once, or never came to it. */
  readonly flow: FlowView | undefined;
  /** When a refused request was told to come back. */
  readonly retryAfterSeconds: Seconds | undefined;
  /** Undefined where no endpoint was looked for, or its scores were not kept. */
  readonly choice: Choice | undefined;
};

const seconds = (ms: Milliseconds | undefined): Seconds | undefined => (ms === undefined ? undefined : toSeconds(ms));

function byDimension<V>(valueOf: (dimension: Dimension) => V | undefined): BySettled<V> {
  const found: Partial<Record<Dimension, V>> = {};
  for (const dimension of dimensions) {
    const value = valueOf(dimension);
    if (value !== undefined) found[dimension] = value;
  }
  return found;
}

export const decisionRecord = (kept: KeptDecision): DecisionRecord => ({
  id: kept.id,
  objective: kept.objective.name,
  verdict: kept.judgement.verdict,
  reason: kept.judgement.reason,
  dimensions: byDimension((dimension) => kept.judgement[dimension]),
  outcome: kept.outcome,
  refusal: kept.refusal,
  responseStatus: kept.responseStatus === 0 ? undefined : kept.responseStatus,
  endpoint: kept.endpoint,
  queueSeconds: kept.decidedAtMs === undefined ? undefined : toSeconds(kept.decidedAtMs - kept.arrivedAtMs),
  ttftSeconds: seconds(kept.ttftMs),
  tpotSeconds: seconds(kept.tpotMs),
  elapsedSeconds: toSeconds(kept.endedAtMs - kept.arrivedAtMs),
  promptTokensEstimated: kept.promptTokens,
  outputTokens: kept.outputTokens,
  endedAtMs: kept.endedAtMs,
});

function overMs(kept: KeptDecision, dimension: Dimension): Milliseconds | undefined {
  const threshold = kept.objective.level?.thresholds[`${dimension}Ms`];
  if (threshold === undefined || kept.judgement[dimension] !== "missed") return undefined;
  const elapsedMs = kept.endedAtMs - kept.arrivedAtMs;
  const seen = { ttft: kept.ttftMs ?? elapsedMs, tpot: kept.tpotMs, e2e: elapsedMs }[dimension];
  return seen === undefined ? undefined : seen - threshold;
}

const flowView = ({ waitedMs, ...note }: FlowNote): FlowView => ({ ...note, waitedSeconds: toSeconds(waitedMs) });

/** @param staleAfterMs age from which an endpoint's metrics were stale when it was rated */
export const explainedDecision = (kept: KeptDecision, staleAfterMs: Milliseconds): ExplainedDecision => ({
  ...decisionRecord(kept),
  priority: kept.objective.priority,
  refusalStatus: kept.refusalStatus,
  streamed: kept.streamed,
  model: kept.model,
  inputTokens: kept.inputTokens,
  cachedTokens: kept.cachedTokens,
  thresholdSeconds: byDimension((dimension) => seconds(kept.objective.level?.thresholds[`${dimension}Ms`])),
  overSeconds: byDimension((dimension) => seconds(overMs(kept, dimension))),
  waits: waitsOf(kept),
  flow: kept.flow && flowView(kept.flow),
  retryAfterSeconds: kept.retryAfterSeconds,
  choice: kept.considered && choiceOf(kept.considered, staleAfterMs),
});
