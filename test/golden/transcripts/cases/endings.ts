/** How an exchange can end before its time, and what is then said of it. */
import type { ScriptedProxy } from "../../../support/extproc-proxy.ts";
import {
  chatRequest,
  jsonAnswer,
  requestBody,
  requestHeaders,
  responseBody,
  responseHeaders,
  sse,
} from "../../../support/extproc-messages.ts";
import type { TranscriptCase } from "./case.ts";

const routed = (proxy: ScriptedProxy): ScriptedProxy =>
  proxy.say(requestHeaders()).say(requestBody(chatRequest)).say(requestBody("", true));

const answering = (proxy: ScriptedProxy): ScriptedProxy =>
  routed(proxy).at(100).say(responseHeaders()).say(responseBody(sse.role + sse.token("a"))).at(140).say(responseBody(sse.token("b")));

/** CONNECT_ERROR: the embedded gateway says that the model server broke off. */
const broken = { kind: "reset", http2Code: 10 } as const;
/** INTERNAL_ERROR: how Envoy 1.40 ends every exchange. */
const reset = { kind: "reset", http2Code: 2 } as const;

export const endings: readonly TranscriptCase[] = [
  { name: "client-gone-before-the-body-was-whole", play: (open) => open().say(requestHeaders()).say(requestBody("{")).close() },
  { name: "client-gone-before-the-first-token", play: (open) => routed(open()).at(400).close() },
  { name: "client-gone-after-the-ttft-deadline", play: (open) => routed(open()).at(501).close() },
  { name: "client-gone-in-mid-stream", play: (open) => answering(open()).close() },
  { name: "exchange-broken-in-mid-stream", play: (open) => answering(open()).close(broken) },
  { name: "exchange-broken-before-a-destination", play: (open) => open().say(requestHeaders()).close(broken) },
  { name: "reset-in-mid-stream-as-envoy-does", play: (open) => answering(open()).close(reset) },
  { name: "connection-lost", play: (open) => answering(open()).close({ kind: "connection-lost" }) },
  { name: "deadline", play: (open) => answering(open()).close({ kind: "deadline" }) },
  {
    name: "aborted",
    play: (open) => answering(open()).close({ kind: "aborted", status: 14, message: "drain time over" }),
  },
  { name: "half-closed", play: (open) => answering(open()).halfClose().close() },
  { name: "nothing-said", play: (open) => open().close() },
  {
    name: "stream-truncated",
    play: (open) => answering(open()).say(responseBody("", true)).close(),
  },
  {
    name: "error-event-in-mid-stream",
    play: (open) =>
      answering(open())
        .say(responseBody('data: {"error":{"message":"out of memory","code":500}}\n\n'))
        .say(responseBody(sse.done, true))
        .close(),
  },
  {
    name: "model-server-5xx",
    play: (open) =>
      routed(open()).at(30).say(responseHeaders(500, "application/json")).say(responseBody("{}", true)).close(),
  },
  {
    name: "model-server-4xx",
    play: (open) =>
      routed(open()).at(30).say(responseHeaders(404, "application/json")).say(responseBody("{}", true)).close(),
  },
  {
    name: "tokens-too-slow",
    play: (open) =>
      answering(open())
        .at(900)
        .say(responseBody(sse.token("c") + sse.finish + sse.usage + sse.done, true))
        .close(),
  },
  {
    name: "proxy-answers-before-the-body-is-whole",
    play: (open) =>
      open()
        .say(requestHeaders())
        .say(requestBody("{"))
        .at(10)
        .say(responseHeaders(200, "application/json"))
        .say(requestBody("}", true))
        .say(responseBody(jsonAnswer, true))
        .close(),
  },
  {
    name: "malformed-first-message",
    play: (open) => open().say(Buffer.from([0x12, 0x05, 0x01])).say(requestHeaders()).close(),
  },
  {
    name: "malformed-message-in-mid-stream",
    play: (open) => answering(open()).say(Buffer.from([0x2a, 0x05, 0x01])).close(),
  },
  {
    name: "unknown-message-is-skipped",
    play: (open) =>
      routed(open().say(Buffer.from([0xfa, 0x01, 0x01, 0x00])))
        .say(Buffer.alloc(0))
        .close(),
  },
];
