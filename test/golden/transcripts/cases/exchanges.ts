/** Whole exchanges: what a proxy and the picker say when nothing is wrong. */
import type { ScriptedProxy } from "../../../support/extproc-proxy.ts";
import {
  anthropicRequest,
  chatRequest,
  jsonAnswer,
  requestBody,
  requestHeaders,
  requestTrailers,
  responseBody,
  responseHeaders,
  responseTrailers,
  sse,
  type RequestOptions,
} from "../../../support/extproc-messages.ts";
import type { TranscriptCase } from "./case.ts";

const asked = (proxy: ScriptedProxy, options: RequestOptions = {}): ScriptedProxy =>
  proxy.say(requestHeaders(options)).say(requestBody(chatRequest)).say(requestBody("", true));

const streamedAnswer = (proxy: ScriptedProxy): ScriptedProxy =>
  proxy
    .at(120)
    .say(responseHeaders())
    .say(responseBody(sse.role + sse.token("Hel")))
    .at(150)
    .say(responseBody(sse.token("lo")))
    .at(180)
    .say(responseBody(sse.token(".") + sse.finish + sse.usage + sse.done))
    .say(responseBody("", true));

const wholeAnswer = (proxy: ScriptedProxy): ScriptedProxy =>
  proxy
    .at(300)
    .say(responseHeaders(200, "application/json"))
    .say(responseBody(jsonAnswer))
    .say(responseBody("", true));

const padded = (bytes: number): string => {
  const frame = '{"model":"llama","messages":[{"role":"user","content":""}]}';
  return frame.replace('""', `"${"x".repeat(bytes - frame.length)}"`);
};

const rows: readonly TranscriptCase[] = [
  { name: "json-answer", play: (open) => wholeAnswer(asked(open())).close() },
  {
    name: "json-answer-against-e2e",
    play: (open) => wholeAnswer(asked(open(), { objective: "batch" })).close(),
  },
  { name: "sse-answer", play: (open) => streamedAnswer(asked(open())).close() },
  {
    name: "sse-answer-of-anthropic",
    play: (open) =>
      open()
        .say(requestHeaders({ path: "/v1/messages" }))
        .say(requestBody(anthropicRequest, true))
        .at(50)
        .say(responseHeaders())
        .say(responseBody('event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":7}}}\n\n'))
        .at(700)
        .say(responseBody('event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"type":"text_delta","text":"Hi"}}\n\n'))
        .say(responseBody('event: message_delta\ndata: {"type":"message_delta","usage":{"output_tokens":1}}\n\n'))
        .say(responseBody('event: message_stop\ndata: {"type":"message_stop"}\n\n', true))
        .close(),
  },
  {
    name: "large-body-in-pieces",
    play: (open) => {
      const body = Buffer.from(padded(140_000));
      const proxy = open().say(requestHeaders());
      for (let at = 0; at < body.length; at += 32_768) proxy.say(requestBody(body.subarray(at, at + 32_768)));
      wholeAnswer(proxy.say(requestBody("", true))).close();
    },
  },
  {
    name: "grpc-back-end-response-trailers",
    play: (open) =>
      asked(open())
        .at(90)
        .say(responseHeaders(200, "application/grpc"))
        .say(responseBody("frame"))
        .say(responseTrailers)
        .close(),
  },
  {
    name: "get",
    play: (open) =>
      wholeAnswer(open().say(requestHeaders({ method: "GET", path: "/v1/models", endOfStream: true }))).close(),
  },
  {
    name: "count-tokens",
    play: (open) =>
      wholeAnswer(
        open()
          .say(requestHeaders({ path: "/v1/messages/count_tokens" }))
          .say(requestBody(anthropicRequest, true)),
      ).close(),
  },
  {
    name: "api-that-is-not-read-streams-through",
    play: (open) =>
      wholeAnswer(
        open()
          .say(requestHeaders({ path: "/v1/audio/transcriptions" }))
          .say(requestBody("first part"))
          .say(requestBody("second part"))
          .say(requestBody("", true)),
      ).close(),
  },
  {
    name: "response-of-headers-only",
    play: (open) => asked(open()).at(40).say(responseHeaders(204, "", true)).close(),
  },
  {
    name: "repeated-headers-untouched",
    play: (open) =>
      streamedAnswer(
        asked(open(), {
          headers: [
            ["cookie", "a=1"],
            ["cookie", "b=2"],
            ["content-length", "85"],
            ["transfer-encoding", "chunked"],
          ],
        }),
      ).close(),
  },
  {
    name: "control-headers-kept",
    options: { stripsControlHeaders: false },
    play: (open) =>
      streamedAnswer(asked(open(), { headers: [["x-gateway-destination-endpoint", "6.6.6.6:6"]] })).close(),
  },
  {
    name: "objective-by-alias",
    play: (open) =>
      streamedAnswer(
        asked(open(), { objective: "", headers: [["x-gateway-inference-objective", "chat"]] }),
      ).close(),
  },
  {
    name: "objective-unknown",
    play: (open) => streamedAnswer(asked(open(), { objective: "nobody" })).close(),
  },
];

const bodyModes: readonly TranscriptCase[] = [
  {
    name: "mode-not-said-is-full-duplex",
    play: (open) => streamedAnswer(asked(open(), { mode: undefined })).close(),
  },
  { name: "mode-streamed", play: (open) => streamedAnswer(asked(open(), { mode: "STREAMED" })).close() },
  {
    name: "mode-buffered",
    play: (open) =>
      open()
        .say(requestHeaders({ mode: "BUFFERED" }))
        .say(requestBody(chatRequest, true))
        .at(300)
        .say(responseHeaders(200, "application/json"))
        .say(responseBody(jsonAnswer, true))
        .close(),
  },
  {
    name: "mode-buffered-with-trailers",
    play: (open) =>
      open()
        .say(requestHeaders({ mode: "BUFFERED" }))
        .say(requestBody(chatRequest))
        .say(requestTrailers)
        .at(300)
        .say(responseHeaders(200, "application/json"))
        .say(responseBody(jsonAnswer))
        .say(responseTrailers)
        .close(),
  },
  {
    name: "mode-buffered-partial-that-did-not-fit",
    play: (open) =>
      open()
        .say(requestHeaders({ mode: "BUFFERED_PARTIAL" }))
        .say(requestBody(chatRequest))
        .close(),
  },
  {
    name: "mode-none",
    play: (open) =>
      open()
        .say(requestHeaders({ mode: "NONE" }))
        .at(100)
        .say(responseHeaders())
        .close(),
  },
  {
    name: "mode-none-for-the-response",
    play: (open) => asked(open(), { responseMode: "NONE" }).at(100).say(responseHeaders()).close(),
  },
];

const ends: readonly TranscriptCase[] = [
  {
    name: "request-ended-by-trailers",
    play: (open) =>
      streamedAnswer(open().say(requestHeaders()).say(requestBody(chatRequest)).say(requestTrailers)).close(),
  },
  {
    name: "request-ended-twice",
    play: (open) =>
      streamedAnswer(
        open()
          .say(requestHeaders())
          .say(requestBody(chatRequest, true))
          .say(requestBody("", true))
          .say(requestTrailers),
      ).close(),
  },
  {
    name: "response-ended-by-trailers",
    play: (open) =>
      asked(open())
        .at(120)
        .say(responseHeaders())
        .say(responseBody(sse.token("Hello") + sse.finish + sse.done))
        .say(responseTrailers)
        .close(),
  },
  {
    name: "response-ended-twice",
    play: (open) => streamedAnswer(asked(open())).say(responseBody("", true)).say(responseTrailers).close(),
  },
];

export const exchanges: readonly TranscriptCase[] = [...rows, ...bodyModes, ...ends];
