/** Exchanges as a proxy showed them, in the two forms in which they are kept, and how one is played to the picker. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { BodyMode, HeaderLines } from "#extproc";
import type { Milliseconds } from "#units";
import type { PickerCore } from "../support/extproc-core.ts";
import type { ScriptedProxy } from "../support/extproc-proxy.ts";
import { requestBody, responseBody } from "../support/extproc-messages.ts";
import { chatRequestIn, jsonAnswerIn, streamIn } from "./sized-bodies.ts";

export type RecordedMessage = {
  readonly atMs: Milliseconds;
  readonly say: "request headers" | "request body" | "response headers" | "response body" | "cancel";
  readonly bytes: number;
  /** Events in the chunk; 0 for what is no event stream. */
  readonly events: number;
  readonly end: boolean;
};

export type RecordedExchange = {
  readonly name: string;
  readonly requestHeaders: HeaderLines;
  readonly responseHeaders: HeaderLines;
  readonly messages: readonly RecordedMessage[];
};

/** What the picker must say of it; undefined: nothing. */
export type ExpectedVerdict = {
  readonly verdict: string;
  readonly ttftMs: Milliseconds | undefined;
  readonly tpotMs: Milliseconds | undefined;
  readonly e2eMs: Milliseconds;
  readonly outputTokens: number;
};

type WrittenExchange = {
  readonly name: string;
  readonly request: { readonly method: string; readonly path: string; readonly contentType: string };
  readonly response: { readonly status: number; readonly contentType: string };
  readonly messages: readonly (Pick<RecordedMessage, "atMs" | "say"> & Partial<RecordedMessage>)[];
  readonly expected: Omit<ExpectedVerdict, "ttftMs" | "tpotMs"> & {
    readonly ttftMs: Milliseconds | null;
    readonly tpotMs: Milliseconds | null;
  };
};

/** The exchanges written by hand, with what is expected of each. */
export function writtenExchanges(): readonly (RecordedExchange & { readonly expected: ExpectedVerdict })[] {
  const text = readFileSync(new URL("envoy-exchanges.yaml", import.meta.url), "utf8");
  return (parse(text) as WrittenExchange[]).map(({ name, request, response, messages, expected }) => ({
    name,
    requestHeaders: [
      [":method", request.method],
      [":path", request.path],
      ["content-type", request.contentType],
    ],
    responseHeaders: [
      [":status", String(response.status)],
      ["content-type", response.contentType],
    ],
    messages: messages.map((message) => ({ bytes: 0, events: 0, end: false, ...message })),
    expected: { ...expected, ttftMs: expected.ttftMs ?? undefined, tpotMs: expected.tpotMs ?? undefined },
  }));
}

type Line = {
  readonly kind: string;
  readonly ms: Milliseconds;
  readonly eos?: boolean;
  readonly len?: number;
  readonly sse_events?: number;
  readonly headers?: readonly (readonly [name: string, value: string, rawValue: string])[];
  readonly protocol_config?: { readonly requestBodyMode: BodyMode };
};

const headersIn = (line: Line | undefined): HeaderLines =>
  (line?.headers ?? []).map(([name, value, raw]) => [name, raw === "" ? value : raw]);

/** The exchanges of a recording of Envoy: one JSON object a message, an exchange between `stream-open` and `stream-end`. */
export function recordedExchanges(file: string): readonly RecordedExchange[] {
  const exchanges: Line[][] = [];
  for (const text of readFileSync(file, "utf8").trim().split("\n")) {
    const line = JSON.parse(text) as Line;
    if (line.kind === "stream-open") exchanges.push([]);
    else exchanges.at(-1)?.push(line);
  }
  return exchanges.map((lines, i) => ({
    name: `recorded exchange ${i + 1}`,
    requestHeaders: headersIn(lines.find(({ kind }) => kind === "request_headers")),
    responseHeaders: headersIn(lines.find(({ kind }) => kind === "response_headers")),
    messages: lines.map((line) => ({
      atMs: line.ms,
      say: line.kind === "stream-end" ? "cancel" : (line.kind.replace("_", " ") as RecordedMessage["say"]),
      bytes: line.len ?? 0,
      events: line.sse_events ?? 0,
      end: line.eos ?? false,
    })),
  }));
}

const valueOf = (headers: HeaderLines, name: string): string => headers.find((line) => line[0] === name)?.[1] ?? "";

/** Bodies of the recorded lengths, chunk by chunk, in one queue a direction. */
function bodiesOf({ requestHeaders, responseHeaders, messages }: RecordedExchange) {
  const chunks = (say: RecordedMessage["say"]) => messages.filter((message) => message.say === say);
  const asked = chunks("request body");
  const answered = chunks("response body");
  const isStream = valueOf(responseHeaders, "content-type").startsWith("text/event-stream");
  const lengths = answered.map(({ bytes }) => bytes);
  return {
    request: asked.length === 0 ? [] : [...chatRequestIn(asked.map(({ bytes }) => bytes))],
    response: isStream
      ? [
          ...streamIn(
            answered,
            answered.some(({ end }) => end),
          ),
        ]
      : [...jsonAnswerIn(valueOf(requestHeaders, ":path"), lengths)],
  };
}

/** Plays an exchange for an objective, its recorded times on the picker's clock. */
export function replay(core: PickerCore, exchange: RecordedExchange, objective: string): ScriptedProxy {
  const proxy = core.open();
  const bodies = bodiesOf(exchange);
  const mode = "FULL_DUPLEX_STREAMED" as const;
  const startMs = core.nowMs;
  for (const { atMs, say, end } of exchange.messages) {
    proxy.at(startMs + atMs);
    if (say === "cancel") proxy.close({ kind: "reset", http2Code: 2 });
    else if (say === "request body") proxy.say(requestBody(bodies.request.shift()!, end));
    else if (say === "response body") proxy.say(responseBody(bodies.response.shift()!, end));
    else if (say === "response headers") {
      proxy.say({ kind: "headers", direction: "response", headers: exchange.responseHeaders, endOfStream: end });
    } else {
      proxy.say({
        kind: "headers",
        direction: "request",
        headers: [...exchange.requestHeaders, ["x-llm-d-inference-objective", objective]],
        endOfStream: end,
        protocolConfig: { requestBodyMode: mode, responseBodyMode: mode },
        filterMetadata: {},
      });
    }
  }
  return proxy;
}
