import type { HeaderLines } from "#extproc";
import type { ExchangeEffect, ExchangeOutcome } from "./exchange-event.ts";
import { localReply } from "./response-head.ts";

/** How much of a message the picker has been told. headers-only: its headers were also its end. */
export type Told = "nothing" | "headers" | "headers-only" | "body" | "ended";

export type ExchangeState = {
  /** asked: the headers wait for their reply; passing: body replies go upstream; passed: all of it is upstream. */
  readonly request: "idle" | "asked" | "passing" | "passed";
  readonly requestTold: Told;
  /** none: the model server has not answered; asked and passing as above, towards the client. */
  readonly response: "none" | "asked" | "passing";
  readonly responseTold: Told;
  /** ended: the picker wants to see no more of the exchange, and the rest passes without it. */
  readonly processor: "watching" | "ended";
  /** What the exchange ends as once the response has passed. */
  readonly outcome: ExchangeOutcome;
  readonly over: boolean;
  /** Kept from when the picker is told of them to their reply. */
  readonly requestLines: HeaderLines;
  readonly responseLines: HeaderLines;
  readonly responseTrailers: HeaderLines;
};

/** The next state, and the effects to perform in order. */
export type Step = readonly [ExchangeState, readonly ExchangeEffect[]];

/** Before the client's headers. */
export const newExchange: ExchangeState = {
  request: "idle",
  requestTold: "nothing",
  response: "none",
  responseTold: "nothing",
  processor: "watching",
  outcome: "responded",
  over: false,
  requestLines: [],
  responseLines: [],
  responseTrailers: [],
};

/** True when the picker has been told all of a message. */
export const isTold = (told: Told): boolean => told === "ended" || told === "headers-only";

/** True while the picker owes the reply to headers and has all it needs to give it. */
export const awaitsReply = (state: ExchangeState): boolean =>
  !state.over &&
  ((state.request === "asked" && isTold(state.requestTold)) ||
    (state.response === "asked" && state.processor === "watching"));

export const nothing: readonly ExchangeEffect[] = [];
export const resetClient: ExchangeEffect = { kind: "client-reset" };
export const abortUpstream: ExchangeEffect = { kind: "upstream-abort" };
export const cancelProcessor: ExchangeEffect = { kind: "processor-reset", code: "cancel" };
export const breakProcessor: ExchangeEffect = { kind: "processor-reset", code: "connect-error" };

export const over = (state: ExchangeState, outcome: ExchangeOutcome, effects: readonly ExchangeEffect[]): Step => [
  { ...state, over: true, outcome },
  [...effects, { kind: "finish", outcome }],
];

/** Ends the exchange with an answer that the picker does not see, or by a reset where the response has begun. */
export function answer(
  state: ExchangeState,
  outcome: ExchangeOutcome,
  { head, body }: ReturnType<typeof localReply>,
  processorReset: ExchangeEffect = cancelProcessor,
): Step {
  if (state.response === "passing") return over(state, outcome, [resetClient, abortUpstream, processorReset]);
  return over(state, outcome, [
    { kind: "client-start", head },
    ...(body.length > 0 ? [{ kind: "client-write", chunk: body } as const] : nothing),
    { kind: "client-end", trailers: [] },
    abortUpstream,
    processorReset,
  ]);
}

export const processorFailed = (state: ExchangeState, status: 500 | 503 | 504, message: string): Step =>
  answer(state, "processor-failed", localReply(status, "endpoint_picker_failed", message));
