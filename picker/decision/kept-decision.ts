/** One ended request as it is kept: references and numbers. Texts are made of it when somebody reads it. */
import type { Judgement, ObjectiveEntry, RequestObservation, RequestOutcome } from "#objective";
import type { Bytes, Milliseconds, Seconds, Tokens } from "#units";
import { outputTokensOf, type RequestEnd, type RequestRecord } from "../attainment/outcome.ts";
import type { FlowNote } from "../flow/flow-control.ts";
import type { CandidateScores } from "../scheduling/candidate-scores.ts";

/** Instants are of the picker's monotonic clock. Undefined: it did not happen, or was not seen. */
export type KeptDecision = {
  /** Grows by one with each record. */
  readonly sequence: number;
  /** What it holds in memory, estimated. */
  readonly bytes: Bytes;
  readonly id: string;
  readonly objective: ObjectiveEntry;
  readonly judgement: Judgement;
  readonly outcome: RequestOutcome["kind"];
  readonly refusal: RequestEnd["refusal"];
  readonly refusalStatus: number | undefined;
  /** 0 where no response was seen. */
  readonly responseStatus: number;
  readonly streamed: boolean | undefined;
  /** Set only where a model server says that it serves it: the text is the client's otherwise. */
  readonly model: string | undefined;
  readonly endpoint: string | undefined;
  readonly arrivedAtMs: Milliseconds;
  readonly decidingAtMs: Milliseconds | undefined;
  readonly queuedMs: Milliseconds | undefined;
  readonly flow: FlowNote | undefined;
  readonly retryAfterSeconds: Seconds | undefined;
  readonly decidedAtMs: Milliseconds | undefined;
  readonly firstByteAtMs: Milliseconds | undefined;
  readonly ttftMs: Milliseconds | undefined;
  readonly tpotMs: Milliseconds | undefined;
  readonly endedAtMs: Milliseconds;
  readonly promptTokens: Tokens | undefined;
  readonly inputTokens: Tokens | undefined;
  readonly cachedTokens: Tokens | undefined;
  readonly outputTokens: Tokens;
  /** Taken away when the record is dropped, since it is filled again for another request. */
  considered: CandidateScores | undefined;
};

/** Everything about one ended request. */
export type Ended = {
  readonly record: RequestRecord;
  readonly end: RequestEnd;
  readonly observation: RequestObservation;
  readonly judgement: Judgement;
};

const longestText = 128;
/** A slice would keep the whole text in memory; a copy does not. */
const shortened = (text: string): string =>
  text.length <= longestText ? text : Buffer.from(text.slice(0, longestText)).toString();

/** The object, its numbers that are not small integers, its place in the ring, and the judgement beside it. */
const fixedBytes: Bytes = 560;

const bytesOf = (id: string, considered: CandidateScores | undefined): Bytes =>
  fixedBytes + id.length * 2 + (considered?.bytes ?? 0);

export function keptDecision(
  { record, end, observation, judgement }: Ended,
  sequence: number,
  model: string | undefined,
): KeptDecision {
  const { arrival, route, considered } = record;
  const { reader } = end;
  const id = shortened(arrival.id);
  return {
    sequence,
    bytes: bytesOf(id, considered),
    id,
    objective: arrival.objective,
    judgement,
    outcome: observation.outcome.kind,
    refusal: end.refusal,
    refusalStatus: end.refusalStatus,
    responseStatus: end.responseStatus,
    streamed: reader?.streamed,
    model: model && shortened(model),
    endpoint: route?.endpoint.id,
    arrivedAtMs: arrival.arrivedAtMs,
    decidingAtMs: record.decidingAtMs,
    queuedMs: record.flow?.waitedMs,
    flow: record.flow,
    retryAfterSeconds: end.retryAfterSeconds,
    decidedAtMs: route?.decidedAtMs,
    firstByteAtMs: reader?.firstByteAtMs,
    ttftMs: observation.ttftMs,
    tpotMs: observation.tpotMs,
    endedAtMs: end.endedAtMs,
    promptTokens: route?.promptTokens,
    inputTokens: reader?.usage.inputTokens,
    cachedTokens: reader?.usage.cachedTokens,
    outputTokens: outputTokensOf(end),
    considered,
  };
}

/** Whether somebody will ask about it: a miss, something broken, or a refusal that was not the client's mistake. */
export const isRemarkable = ({ judgement, outcome }: Pick<KeptDecision, "judgement" | "outcome">): boolean =>
  judgement.verdict === "missed" || outcome === "refused" || outcome === "upstream-error";
