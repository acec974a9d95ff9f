/**
 * One ext-proc conversation as a pure step: what the proxy said and what we decided in, what to do out.
 * The order rules of the protocol live here and nowhere else; bytes, clocks and sockets live in the session.
 * Source: envoy.service.ext_proc.v3, docs/ext-proc.md (each body mode as a sequence of messages).
 */
import { unreachable } from "#errors";
import type { BodyMode } from "#extproc";
import type {
  ConversationEffect,
  ConversationEvent,
  ConversationState,
  Ending,
  RequestPhase,
  Step,
} from "./conversation-state.ts";

/** The state before the first message. A request body of more than `maxBodyBytes` is refused with 413. */
export const startConversation = (maxBodyBytes: number): ConversationState => ({
  request: "start",
  response: "none",
  requestBodyMode: "FULL_DUPLEX_STREAMED",
  responseBodyMode: "FULL_DUPLEX_STREAMED",
  keptBytes: 0,
  maxBodyBytes,
  requestEndedBy: "nothing",
  headersAnswered: false,
  finished: false,
  gone: false,
});

const none: readonly ConversationEffect[] = [];
const endStream: readonly ConversationEffect[] = [{ kind: "end-stream" }];
const keep: ConversationEffect = { kind: "keep-request-chunk" };
const observeChunk: ConversationEffect = { kind: "observe-chunk" };
const observeEnd: ConversationEffect = { kind: "observe-end" };
const responded: ConversationEffect = { kind: "finish", ending: "responded" };
const continueRequestHeaders: ConversationEffect = { kind: "continue", part: "headers", direction: "request" };
const continueRequestBody: ConversationEffect = { kind: "continue", part: "body", direction: "request" };
const continueRequestTrailers: ConversationEffect = { kind: "continue", part: "trailers", direction: "request" };
const continueResponseHeaders: ConversationEffect = { kind: "continue", part: "headers", direction: "response" };
const continueResponseBody: ConversationEffect = { kind: "continue", part: "body", direction: "response" };
const continueResponseTrailers: ConversationEffect = { kind: "continue", part: "trailers", direction: "response" };
const passRequest: ConversationEffect = { kind: "pass-chunk", direction: "request", endOfStream: false };
const passLastRequest: ConversationEffect = { kind: "pass-chunk", direction: "request", endOfStream: true };
const passResponse: ConversationEffect = { kind: "pass-chunk", direction: "response", endOfStream: false };
const passLastResponse: ConversationEffect = { kind: "pass-chunk", direction: "response", endOfStream: true };

/** The chunk goes on before anything else happens to it. */
const fullDuplexChunk = [passResponse, observeChunk] as const;
const answeredChunk = [continueResponseBody, observeChunk] as const;

/** In these modes a body message may be answered by any number of body messages, and none is owed one for one. */
const isFullDuplex = (mode: BodyMode): boolean => mode === "FULL_DUPLEX_STREAMED" || mode === "GRPC";
const isBuffered = (mode: BodyMode): boolean => mode === "BUFFERED" || mode === "BUFFERED_PARTIAL";

function onRequestHeaders(
  state: ConversationState,
  event: Extract<ConversationEvent, { kind: "request-headers" }>,
): Step {
  if (state.request !== "start") return [state, none];
  const { requestBodyMode, responseBodyMode, endOfStream, readsBody } = event;
  const opened: ConversationState = {
    ...state,
    requestBodyMode,
    responseBodyMode,
    requestEndedBy: endOfStream ? "headers" : "nothing",
  };
  const waitsForBody = !endOfStream && readsBody;
  if (waitsForBody && isFullDuplex(requestBodyMode)) return [{ ...opened, request: "reading" }, none];
  if (waitsForBody && isBuffered(requestBodyMode)) {
    return [{ ...opened, request: "reading", headersAnswered: true }, [continueRequestHeaders]];
  }
  return [{ ...opened, request: "deciding" }, [{ kind: "decide", from: "headers" }]];
}

function onRequestBody(state: ConversationState, event: Extract<ConversationEvent, { kind: "request-body" }>): Step {
  if (state.request === "closed" || state.requestEndedBy !== "nothing") return [state, none];
  const ended: ConversationState = event.endOfStream ? { ...state, requestEndedBy: "body" } : state;
  if (state.request === "routed") {
    if (!isFullDuplex(state.requestBodyMode)) return [ended, [continueRequestBody]];
    return [ended, [event.endOfStream ? passLastRequest : passRequest]];
  }
  const keptBytes = state.keptBytes + event.bytes;
  if (keptBytes > state.maxBodyBytes) {
    return [
      { ...ended, request: "closed", finished: true },
      [{ kind: "refuse-oversize" }, { kind: "finish", ending: "refused" }, { kind: "end-stream" }],
    ];
  }
  const kept: ConversationState = { ...ended, keptBytes };
  if (state.request !== "reading") return [kept, [keep]];
  const isWhole = event.endOfStream || state.requestBodyMode === "BUFFERED";
  if (isWhole) return [{ ...kept, request: "deciding" }, [keep, { kind: "decide", from: "body" }]];
  if (state.requestBodyMode === "BUFFERED_PARTIAL") {
    return [{ ...kept, request: "deciding" }, [{ kind: "decide", from: "headers" }]];
  }
  return [kept, [keep]];
}

function onRequestTrailers(state: ConversationState): Step {
  if (state.request === "closed") return [state, none];
  const alreadyEnded = state.requestEndedBy !== "nothing";
  const ended: ConversationState = alreadyEnded ? state : { ...state, requestEndedBy: "trailers" };
  if (state.request === "routed") return [ended, [continueRequestTrailers]];
  if (state.request === "reading") return [{ ...ended, request: "deciding" }, [{ kind: "decide", from: "body" }]];
  return [ended, none];
}

const refused: readonly ConversationEffect[] = [
  { kind: "send-refusal" },
  { kind: "finish", ending: "refused" },
  { kind: "end-stream" },
];

/** The proxy ends what it has begun for the client, and the model server's work with it. */
function onEvicted(state: ConversationState): Step {
  if (state.request !== "routed" || state.finished) return [state, none];
  return [{ ...state, request: "closed", response: "ended", finished: true }, refused];
}

function onDecided(state: ConversationState, outcome: "route" | "refuse"): Step {
  if (state.request !== "deciding") return [state, none];
  if (outcome === "refuse") {
    return [{ ...state, request: "closed", finished: true }, refused];
  }
  const effects: ConversationEffect[] = [];
  const { requestBodyMode, requestEndedBy, keptBytes, headersAnswered } = state;
  effects.push({ kind: "send-route", replyTo: headersAnswered ? "body" : "headers" });
  const endsWithBody = requestEndedBy === "body";
  if (isFullDuplex(requestBodyMode) && (keptBytes > 0 || endsWithBody)) {
    effects.push({ kind: "send-kept-body", endOfStream: endsWithBody });
  }
  if (requestEndedBy === "trailers") effects.push(continueRequestTrailers);
  return [{ ...state, request: "routed", headersAnswered: true }, effects];
}

function onResponseHeaders(state: ConversationState, endOfStream: boolean): Step {
  if (state.request === "closed" || state.response !== "none") return [state, none];
  const open: readonly ConversationEffect[] = [continueResponseHeaders, { kind: "open-response" }];
  const request: RequestPhase = state.request === "routed" ? "routed" : "closed";
  if (endOfStream) return [{ ...state, request, response: "ended", finished: true }, [...open, observeEnd, responded]];
  if (state.responseBodyMode === "NONE") {
    return [
      { ...state, request, response: "ended", finished: true },
      [...open, { kind: "finish", ending: "unobserved" }],
    ];
  }
  return [{ ...state, request, response: "open" }, open];
}

function onResponseBody(state: ConversationState, endOfStream: boolean): Step {
  if (state.response !== "open") return [state, none];
  const isDuplex = isFullDuplex(state.responseBodyMode);
  if (!endOfStream) return [state, isDuplex ? fullDuplexChunk : answeredChunk];
  return [
    { ...state, response: "ended", finished: true },
    [isDuplex ? passLastResponse : continueResponseBody, observeChunk, observeEnd, responded],
  ];
}

function onResponseTrailers(state: ConversationState): Step {
  if (state.response === "none") return [state, none];
  if (state.response === "ended") return [state, [continueResponseTrailers]];
  return [{ ...state, response: "ended", finished: true }, [continueResponseTrailers, observeEnd, responded]];
}

function onClosed(state: ConversationState, broken: boolean): Step {
  const gone: ConversationState = { ...state, finished: true, gone: true };
  if (state.finished || state.request === "start") return [gone, none];
  const ending: Ending = broken && state.request === "routed" ? "broken" : "client-gone";
  return [gone, [{ kind: "finish", ending }]];
}

/** What a stream may say before its request headers. */
const opensOrEnds: ReadonlySet<ConversationEvent["kind"]> = new Set(["request-headers", "half-closed", "closed"]);

/**
 * One step of the conversation. Total: an event that the state does not expect changes nothing and is answered by
 * nothing, so a repeated or late message can neither break the stream nor be counted twice.
 */
export function step(state: ConversationState, event: ConversationEvent): Step {
  const isExpected = state.request !== "start" || opensOrEnds.has(event.kind);
  if (state.gone || !isExpected) return [state, none];
  switch (event.kind) {
    case "request-headers":
      return onRequestHeaders(state, event);
    case "request-body":
      return onRequestBody(state, event);
    case "request-trailers":
      return onRequestTrailers(state);
    case "decided":
      return onDecided(state, event.outcome);
    case "evicted":
      return onEvicted(state);
    case "response-headers":
      return onResponseHeaders(state, event.endOfStream);
    case "response-body":
      return onResponseBody(state, event.endOfStream);
    case "response-trailers":
      return onResponseTrailers(state);
    case "half-closed":
      return [state, endStream];
    case "closed":
      return onClosed(state, event.broken);
    default:
      return unreachable(event);
  }
}
