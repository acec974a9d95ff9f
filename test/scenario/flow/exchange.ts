/** One request from its client's first byte to its last, and the verdict over it. */
import { judge, type Judgement, type RefusalReason } from "#objective";
import type { Milliseconds, Seconds, Tokens } from "#units";
import { observationOf, type RequestEnd } from "../../../picker/attainment/outcome.ts";
import type { Arrival, Decision, Route } from "../../../picker/director/arrival.ts";
import type { ResponseReader } from "../../../picker/request/request.ts";
import type { Sent } from "./traffic.ts";

type Refused = Extract<Decision, { readonly kind: "refuse" }>;

/** What became of a request. Instants are those of the picker's clock. */
export type Exchange = {
  readonly sent: Sent;
  readonly arrival: Arrival;
  route: Route | undefined;
  refusal: (Refused & { readonly retryAfterSeconds?: Seconds | undefined }) | undefined;
  decidedAtMs: Milliseconds | undefined;
  firstTokenAtMs: Milliseconds | undefined;
  endedAtMs: Milliseconds | undefined;
};

/** Arrival to decision; undefined while it waits. */
export const waitedMs = ({ arrival, decidedAtMs }: Exchange): Milliseconds | undefined =>
  decidedAtMs === undefined ? undefined : decidedAtMs - arrival.arrivedAtMs;

/** Arrival to first token. */
export const ttftMs = ({ arrival, firstTokenAtMs }: Exchange): Milliseconds | undefined =>
  firstTokenAtMs === undefined ? undefined : firstTokenAtMs - arrival.arrivedAtMs;

/** First token to last, a token; undefined below two. */
export const tpotMs = ({ sent, firstTokenAtMs, endedAtMs }: Exchange): Milliseconds | undefined =>
  firstTokenAtMs === undefined || endedAtMs === undefined || sent.outputTokens < 2
    ? undefined
    : (endedAtMs - firstTokenAtMs) / (sent.outputTokens - 1);

/** What the picker's reader of the response would have seen of a stream that went well. */
const readerOf = (exchange: Exchange, outputTokens: Tokens): ResponseReader => ({
  onChunk: () => {},
  onEnd: () => {},
  firstByteAtMs: exchange.firstTokenAtMs,
  firstTokenAtMs: exchange.firstTokenAtMs,
  lastTokenAtMs: exchange.endedAtMs,
  tokenEvents: outputTokens,
  usage: { inputTokens: exchange.sent.promptTokens, outputTokens, cachedTokens: undefined },
  streamed: true,
  complete: true,
  failed: false,
});

/** The verdict by the picker's own definition; undefined while the request is under way. */
export function judgementOf(exchange: Exchange): Judgement | undefined {
  const { arrival, route, refusal, endedAtMs, sent } = exchange;
  if (endedAtMs === undefined) return undefined;
  const reason: RefusalReason | "invalid" | undefined = refusal?.reason;
  const end: RequestEnd = {
    ending: refusal === undefined ? "responded" : "refused",
    refusal: reason,
    responseStatus: refusal === undefined ? 200 : 0,
    reader: refusal === undefined ? readerOf(exchange, sent.outputTokens) : undefined,
    endedAtMs,
  };
  const { level } = arrival.objective;
  return judge(observationOf({ arrival, route }, end), level, arrival.objective);
}
