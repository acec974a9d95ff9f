/** What a session saw of one request, as an outcome and as measured spans. Source: docs/attainment.md. */
import { unreachable } from "#errors";
import type { RefusalReason, RequestObservation, RequestOutcome } from "#objective";
import type { Milliseconds, Seconds, Tokens } from "#units";
import type { Arrival, Route } from "../director/arrival.ts";
import type { Ending } from "../extproc/conversation-state.ts";
import type { FlowNote, FlowUsage } from "../flow/flow-control.ts";
import type { ResponseReader } from "../request/request.ts";
import type { CandidateScores } from "../scheduling/candidate-scores.ts";
import { timePerOutputTokenMs } from "../request/token-clock.ts";
import type { RequestTrace } from "../tracing/request-trace.ts";

/** One request from arrival to verdict. */
export type RequestRecord = {
  readonly arrival: Arrival;
  /** Undefined until it has a destination. */
  route: Route | undefined;
  /** When the request was whole and its decision began; undefined where none began. */
  decidingAtMs?: Milliseconds;
  /** What flow control decided from; undefined where it was placed at once, or never came to it. */
  flow?: FlowNote | undefined;
  /** What was decided over, for the decision record. */
  considered?: CandidateScores | undefined;
  /** Undefined where tracing is off. */
  readonly trace?: RequestTrace | undefined;
};

/** How it ended, as the session saw it. */
export type RequestEnd = {
  readonly ending: Ending;
  readonly refusal: RefusalReason | "invalid" | undefined;
  /** HTTP status that we answered with; undefined where it was not us. */
  readonly refusalStatus?: number | undefined;
  /** When it was told to come back. */
  readonly retryAfterSeconds?: Seconds | undefined;
  /** HTTP status of the response; 0 when none was seen. */
  readonly responseStatus: number;
  readonly reader: ResponseReader | undefined;
  readonly endedAtMs: Milliseconds;
};

/** Generated tokens: what the model server says, else the token events counted. */
export const outputTokensOf = ({ reader }: Pick<RequestEnd, "reader">): Tokens =>
  reader?.usage.outputTokens ?? reader?.tokenEvents ?? 0;

/** What the response said that the request has used, for those who planned with less. */
export const usageOf = (end: Pick<RequestEnd, "reader">): FlowUsage => {
  const { reader } = end;
  const outputTokens = reader === undefined ? undefined : outputTokensOf(end);
  return {
    promptTokens: reader?.usage.inputTokens,
    outputTokens,
    tpotMs: timePerOutputTokenMs(reader?.firstTokenAtMs, reader?.lastTokenAtMs, outputTokens ?? 0),
  };
};

/** How an ending and what the reader saw become an outcome: by what was seen, never by how the stream was closed. */
export function outcomeOf({ ending, refusal, responseStatus, reader }: RequestEnd): RequestOutcome {
  if (ending === "refused") {
    return refusal === undefined || refusal === "invalid" ? { kind: "invalid" } : { kind: "refused", reason: refusal };
  }
  if (responseStatus >= 500) return { kind: "upstream-error" };
  if (responseStatus >= 400) return { kind: "invalid" };
  switch (ending) {
    case "responded":
      return reader?.complete === true && !reader.failed ? { kind: "completed" } : { kind: "upstream-error" };
    case "broken":
      return { kind: "upstream-error" };
    case "client-gone":
      return reader?.failed === true ? { kind: "upstream-error" } : { kind: "client-gone" };
    case "unobserved":
      return { kind: "unobserved" };
    default:
      return unreachable(ending);
  }
}

/** What was measured, relative to arrival. */
export function observationOf(record: RequestRecord, end: RequestEnd): RequestObservation {
  const { arrivedAtMs } = record.arrival;
  const { reader } = end;
  return {
    outcome: outcomeOf(end),
    elapsedMs: end.endedAtMs - arrivedAtMs,
    ttftMs: reader?.firstTokenAtMs === undefined ? undefined : reader.firstTokenAtMs - arrivedAtMs,
    tpotMs: timePerOutputTokenMs(reader?.firstTokenAtMs, reader?.lastTokenAtMs, outputTokensOf(end)),
    streamed: reader?.streamed,
  };
}
