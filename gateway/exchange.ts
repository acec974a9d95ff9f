/**
 * One proxied request as a pure step: what client, picker and model server did in, what to do out. The order rules of
 * the external processing protocol, as Envoy plays them with both bodies in FULL_DUPLEX_STREAMED, live here and in the
 * three files beside it: exchange-state, exchange-reply (the picker's messages), exchange-upstream (the response).
 * Source: envoy.service.ext_proc.v3; a recording of Envoy 1.40.
 */
import { unreachable } from "#errors";
import type { HeaderLines } from "#extproc";
import type { ExchangeEffect, ExchangeEvent } from "./exchange-event.ts";
import { onProcessorEnded, onReply } from "./exchange-reply.ts";
import {
  abortUpstream,
  cancelProcessor,
  isTold,
  nothing,
  over,
  processorFailed,
  type ExchangeState,
  type Step,
} from "./exchange-state.ts";
import { answerForUpstream, upstreamBody, upstreamBroken, upstreamEnd, upstreamHeaders } from "./exchange-upstream.ts";

const onFirstMessage = {
  protocolConfig: { requestBodyMode: "FULL_DUPLEX_STREAMED", responseBodyMode: "FULL_DUPLEX_STREAMED" },
  filterMetadata: {},
} as const;
const tellEnd: ExchangeEffect = {
  kind: "tell",
  message: { kind: "body", direction: "request", body: Buffer.alloc(0), endOfStream: true },
};

const clientHeaders = (state: ExchangeState, headers: HeaderLines, endOfStream: boolean): Step => [
  { ...state, request: "asked", requestTold: endOfStream ? "headers-only" : "headers", requestLines: headers },
  [{ kind: "tell", message: { kind: "headers", direction: "request", headers, endOfStream, ...onFirstMessage } }],
];

function clientBody(state: ExchangeState, chunk: Buffer): Step {
  if (chunk.length === 0 || isTold(state.requestTold) || state.processor === "ended") return [state, nothing];
  return [
    state.requestTold === "body" ? state : { ...state, requestTold: "body" },
    [{ kind: "tell", message: { kind: "body", direction: "request", body: chunk, endOfStream: false } }],
  ];
}

function clientEnd(state: ExchangeState, trailers: HeaderLines): Step {
  if (isTold(state.requestTold) || state.processor === "ended") return [state, nothing];
  const next: ExchangeState = { ...state, requestTold: "ended" };
  if (trailers.length === 0) return [next, [tellEnd]];
  return [next, [{ kind: "tell", message: { kind: "trailers", direction: "request", trailers } }]];
}

/** The next state of an exchange and what to do, in order. After `finish` every event is ignored. */
export function step(state: ExchangeState, event: ExchangeEvent): Step {
  if (state.over) return [state, nothing];
  switch (event.kind) {
    case "client-headers":
      return clientHeaders(state, event.lines, event.endOfStream);
    case "client-body":
      return clientBody(state, event.chunk);
    case "client-end":
      return clientEnd(state, event.trailers);
    case "client-gone":
      return over(state, "client-gone", [abortUpstream, cancelProcessor]);
    case "reply":
      return onReply(state, event.reply);
    case "processor-ended":
      return onProcessorEnded(state, event.status, event.message);
    case "processor-lost":
      return state.processor === "ended" ? [state, nothing] : processorFailed(state, 503, event.message);
    case "processor-silent":
      return processorFailed(state, 504, "the endpoint picker did not answer in time");
    case "upstream-headers":
      return upstreamHeaders(state, event.status, event.lines, event.endOfStream);
    case "upstream-body":
      return upstreamBody(state, event.chunk);
    case "upstream-end":
      return upstreamEnd(state, event.trailers);
    case "upstream-unreachable":
      return answerForUpstream(state, "upstream-unreachable", event.message);
    case "upstream-broken":
      return upstreamBroken(state, event.message);
    default:
      return unreachable(event);
  }
}
