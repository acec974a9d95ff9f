import type { CommonReply, HeaderLines } from "#extproc";
import type { ExchangeEffect } from "./exchange-event.ts";
import {
  abortUpstream,
  answer,
  breakProcessor,
  cancelProcessor,
  isTold,
  nothing,
  over,
  resetClient,
  type ExchangeState,
  type Step,
} from "./exchange-state.ts";
import { mutated } from "./headers.ts";
import { clientHead, localReply, processorHead } from "./response-head.ts";

const tellEnd: ExchangeEffect = {
  kind: "tell",
  message: { kind: "body", direction: "response", body: Buffer.alloc(0), endOfStream: true },
};

/** Begins the response to the client with the picker's mutation; headers alone also end it. */
export function startClient(state: ExchangeState, common: CommonReply | undefined): Step {
  const start: ExchangeEffect = {
    kind: "client-start",
    head: clientHead(mutated(state.responseLines, common?.headers)),
  };
  const next: ExchangeState = { ...state, response: "passing", responseLines: [] };
  if (state.responseTold !== "headers-only") return [next, [start]];
  const [ended, effects] = endClient(next, []);
  return [ended, [start, ...effects]];
}

/** Ends the response: the exchange is then over, also where the client is still sending. */
export const endClient = (state: ExchangeState, trailers: HeaderLines): Step =>
  over(state, state.outcome, [
    { kind: "client-end", trailers },
    ...(state.request === "passed" ? nothing : [abortUpstream]),
    cancelProcessor,
  ]);

export function upstreamHeaders(state: ExchangeState, status: number, lines: HeaderLines, endOfStream: boolean): Step {
  if (state.response !== "none") return [state, nothing];
  const headers = processorHead(status, lines);
  const responseTold = endOfStream ? "headers-only" : "headers";
  const next: ExchangeState = { ...state, response: "asked", responseTold, responseLines: headers };
  if (state.processor === "ended") return startClient(next, undefined);
  return [next, [{ kind: "tell", message: { kind: "headers", direction: "response", headers, endOfStream } }]];
}

export function upstreamBody(state: ExchangeState, chunk: Buffer): Step {
  if (chunk.length === 0 || isTold(state.responseTold)) return [state, nothing];
  if (state.processor === "ended") return [state, [{ kind: "client-write", chunk }]];
  return [
    state.responseTold === "body" ? state : { ...state, responseTold: "body" },
    [{ kind: "tell", message: { kind: "body", direction: "response", body: chunk, endOfStream: false } }],
  ];
}

export function upstreamEnd(state: ExchangeState, trailers: HeaderLines): Step {
  if (isTold(state.responseTold)) return [state, nothing];
  if (state.processor === "ended") return endClient(state, trailers);
  const next: ExchangeState = { ...state, responseTold: "ended", responseTrailers: trailers };
  if (trailers.length === 0) return [next, [tellEnd]];
  return [next, [{ kind: "tell", message: { kind: "trailers", direction: "response", trailers } }]];
}

/** No model server answered: a local answer, which the picker sees as it sees any response. */
export function answerForUpstream(
  state: ExchangeState,
  outcome: "no-destination" | "upstream-unreachable" | "upstream-broken",
  message: string,
): Step {
  const { head, body } = localReply(503, outcome.replaceAll("-", "_"), message);
  const [asked, headers] = upstreamHeaders({ ...state, outcome }, head.status, head.lines, false);
  const [told, chunk] = upstreamBody(asked, body);
  const [ended, end] = upstreamEnd(told, []);
  return [ended, [...headers, ...chunk, ...end]];
}

/** The model server broke off; the reset code is how the picker can tell that from a client that left. */
export function upstreamBroken(state: ExchangeState, message: string): Step {
  if (isTold(state.responseTold)) return [state, nothing];
  if (state.response === "none") return answerForUpstream(state, "upstream-broken", message);
  if (state.response === "asked") {
    return answer(state, "upstream-broken", localReply(502, "upstream_broken", message), breakProcessor);
  }
  return over(state, "upstream-broken", [resetClient, abortUpstream, breakProcessor]);
}
