import { unreachable } from "#errors";
import { judge, type Judgement, type RefusalReason, type RequestOutcome } from "#objective";
import type { Milliseconds, Tokens } from "#units";
import type { LoadObjective } from "./objective.ts";
import type { Observed } from "./oracle.ts";

/**
 * How a request ended for the client.
 * - completed: 2xx, and the body reached its format's own end
 * - http-error: a status that is not 2xx
 * - truncated: 2xx, and the body ended before its format's own end
 * - stream-error: 2xx, and the stream then reported an error
 * - reset: the connection broke, or was never made
 * - timeout: given up after the request timeout
 * - unfinished: cut off at the end of the run
 */
export type LoadOutcome =
  | "completed"
  | "http-error"
  | "truncated"
  | "stream-error"
  | "reset"
  | "timeout"
  | "unfinished";

/** How the transfer of one response ended. */
export type Ending = "ended" | "reset" | "timeout" | "unfinished";

/** Everything a client saw of one request. All instants are of one monotonic clock. */
export type Exchange = {
  readonly requestId: string;
  readonly objective: LoadObjective;
  readonly intendedAtMs: Milliseconds;
  readonly sentAtMs: Milliseconds;
  readonly endedAtMs: Milliseconds;
  readonly ending: Ending;
  /** Undefined when no response headers came. */
  readonly response:
    | {
        readonly status: number;
        /** Value of `x-llm-d-request-dropped-reason`. */
        readonly droppedReason: string | undefined;
        readonly streamed: boolean;
        readonly observed: Observed;
      }
    | undefined;
};

/** One request in a report. Times start at the intended send time unless their name says otherwise. */
export type RequestRecord = {
  /** The `x-request-id` that was sent. */
  readonly requestId: string;
  readonly objective: string;
  readonly outcome: LoadOutcome;
  readonly status: number | undefined;
  /** From the start of the run. */
  readonly intendedAtMs: Milliseconds;
  readonly latenessMs: Milliseconds;
  readonly ttftMs: Milliseconds | undefined;
  readonly ttftFromSendMs: Milliseconds | undefined;
  readonly tpotMs: Milliseconds | undefined;
  readonly e2eMs: Milliseconds;
  readonly e2eFromSendMs: Milliseconds;
  readonly streamed: boolean | undefined;
  readonly outputTokens: Tokens;
  readonly tokenSource: "usage" | "estimated";
  /** From the intended time: what the user was promised. */
  readonly judgement: Judgement;
  /** From the actual send time: what a picker, whose clock starts at arrival, can know. */
  readonly judgementFromSend: Judgement;
};

function loadOutcome({ ending, response }: Exchange): LoadOutcome {
  if (ending !== "ended") return ending;
  if (response === undefined) return "reset";
  if (response.status < 200 || response.status > 299) return "http-error";
  if (response.observed.failed) return "stream-error";
  return response.observed.sawEnd ? "completed" : "truncated";
}

/** The words of the drop-reason header that name a refusal. Source: llm-d-router pkg/common/error, drop reasons. */
function refusalOf(droppedReason: string): RefusalReason {
  if (droppedReason.startsWith("evicted")) return "evicted";
  if (droppedReason.endsWith("no-endpoints")) return "no_endpoints";
  if (droppedReason.endsWith("ttl-expired")) return "ttl_expired";
  if (droppedReason.endsWith("shutting-down")) return "shutting_down";
  return droppedReason.includes("queue") ? "queue_full" : "shed";
}

/** A 429 without a reason is taken as a shed: it refuses a request that was valid. */
function statusOutcome(status: number, droppedReason: string | undefined): RequestOutcome {
  if (droppedReason !== undefined) return { kind: "refused", reason: refusalOf(droppedReason) };
  if (status === 429) return { kind: "refused", reason: "shed" };
  return status >= 400 && status < 500 ? { kind: "invalid" } : { kind: "upstream-error" };
}

/** A client-side outcome in the words of the one definition of met and missed. */
function requestOutcome(outcome: LoadOutcome, response: Exchange["response"]): RequestOutcome {
  switch (outcome) {
    case "completed":
      return { kind: "completed" };
    case "http-error":
      return statusOutcome(response?.status ?? 0, response?.droppedReason);
    case "truncated":
    case "stream-error":
    case "reset":
      return { kind: "upstream-error" };
    case "timeout":
    case "unfinished":
      return { kind: "client-gone" };
    default:
      return unreachable(outcome);
  }
}

const since = (startMs: Milliseconds, atMs: Milliseconds | undefined): Milliseconds | undefined =>
  atMs === undefined ? undefined : atMs - startMs;

function tpotOf(observed: Observed | undefined, outputTokens: Tokens): Milliseconds | undefined {
  if (observed?.firstTokenAtMs === undefined || observed.lastTokenAtMs === undefined) return undefined;
  return outputTokens < 2 ? undefined : (observed.lastTokenAtMs - observed.firstTokenAtMs) / (outputTokens - 1);
}

/** Turns what was seen into one line of a report, judged on both clocks. */
export function recordOf(exchange: Exchange, runStartedAtMs: Milliseconds): RequestRecord {
  const { intendedAtMs, sentAtMs, endedAtMs, objective, response } = exchange;
  const observed = response?.observed;
  const outcome = loadOutcome(exchange);
  const outputTokens = observed?.usageOutputTokens ?? observed?.tokenEvents ?? 0;
  const tpotMs = tpotOf(observed, outputTokens);
  const judgedFrom = (startMs: Milliseconds): Judgement =>
    judge(
      {
        outcome: requestOutcome(outcome, response),
        elapsedMs: endedAtMs - startMs,
        ttftMs: since(startMs, observed?.firstTokenAtMs),
        tpotMs,
        streamed: response?.streamed,
      },
      objective.level,
      objective,
    );
  return {
    requestId: exchange.requestId,
    objective: objective.name,
    outcome,
    status: response?.status,
    intendedAtMs: intendedAtMs - runStartedAtMs,
    latenessMs: sentAtMs - intendedAtMs,
    ttftMs: since(intendedAtMs, observed?.firstTokenAtMs),
    ttftFromSendMs: since(sentAtMs, observed?.firstTokenAtMs),
    tpotMs,
    e2eMs: endedAtMs - intendedAtMs,
    e2eFromSendMs: endedAtMs - sentAtMs,
    streamed: response?.streamed,
    outputTokens,
    tokenSource: observed?.usageOutputTokens === undefined ? "estimated" : "usage",
    judgement: judgedFrom(intendedAtMs),
    judgementFromSend: judgedFrom(sentAtMs),
  };
}
