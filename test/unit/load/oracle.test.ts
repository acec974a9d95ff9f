import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { ResponseOracle, type Observed } from "../../../load/oracle.ts";

const events = (...payloads: readonly unknown[]): string =>
  payloads.map((payload) => `data: ${typeof payload === "string" ? payload : JSON.stringify(payload)}\n\n`).join("");
const chat = (delta: object, finish_reason: string | null = null): object => ({
  choices: [{ index: 0, delta, finish_reason }],
});

/** Feeds pieces, each a millisecond after the one before, from 1 on. */
function read(pieces: readonly (string | Uint8Array)[], contentType = "text/event-stream"): Observed {
  const oracle = new ResponseOracle(contentType);
  pieces.forEach((piece, at) => oracle.onChunk(Buffer.from(piece as string), at + 1));
  return oracle.finish();
}

describe("ResponseOracle", () => {
  it.each([
    { name: "chat content", event: chat({ content: "a" }), want: 1 },
    { name: "role prelude", event: chat({ role: "assistant", content: "" }), want: 0 },
    { name: "reasoning_content", event: chat({ reasoning_content: "a" }), want: 1 },
    { name: "reasoning", event: chat({ reasoning: "a" }), want: 1 },
    { name: "tool call arguments", event: chat({ tool_calls: [{ index: 0, function: { arguments: "{" } }] }), want: 1 },
    { name: "tool call name only", event: chat({ tool_calls: [{ function: { name: "f", arguments: "" } }] }), want: 0 },
    { name: "finish only", event: chat({}, "stop"), want: 0 },
    { name: "usage only", event: { choices: [], usage: { completion_tokens: 7 } }, want: 0 },
    { name: "completion text", event: { choices: [{ index: 0, text: "a", finish_reason: null }] }, want: 1 },
    { name: "empty completion text", event: { choices: [{ index: 0, text: "" }] }, want: 0 },
    {
      name: "Anthropic text",
      event: { type: "content_block_delta", delta: { type: "text_delta", text: "a" } },
      want: 1,
    },
    { name: "Anthropic thinking", event: { type: "content_block_delta", delta: { thinking: "a" } }, want: 1 },
    { name: "Anthropic tool input", event: { type: "content_block_delta", delta: { partial_json: "{" } }, want: 1 },
    { name: "Anthropic empty delta", event: { type: "content_block_delta", delta: { text: "" } }, want: 0 },
    { name: "Anthropic block start", event: { type: "content_block_start", content_block: { text: "" } }, want: 0 },
    { name: "Anthropic ping", event: { type: "ping" }, want: 0 },
    { name: "Responses text", event: { type: "response.output_text.delta", delta: "a" }, want: 1 },
    { name: "Responses arguments", event: { type: "response.function_call_arguments.delta", delta: "{" }, want: 1 },
    { name: "Responses created", event: { type: "response.created", response: {} }, want: 0 },
    { name: "not JSON", event: "hello", want: 0 },
  ])("$name is $want token event", ({ event, want }) => expect(read([events(event)]).tokenEvents).toBe(want));

  it.each([
    { name: "[DONE]", payloads: [chat({ content: "a" }), "[DONE]"], want: true },
    { name: "a finish reason", payloads: [chat({ content: "a" }), chat({}, "stop")], want: true },
    { name: "no finish reason", payloads: [chat({ content: "a" })], want: false },
    {
      name: "one of two choices finished",
      payloads: [
        {
          choices: [
            { index: 0, delta: {}, finish_reason: "stop" },
            { index: 1, delta: { content: "a" } },
          ],
        },
      ],
      want: false,
    },
    { name: "nothing", payloads: [], want: false },
    { name: "message_stop", payloads: [{ type: "message_stop" }], want: true },
    { name: "response.completed", payloads: [{ type: "response.completed", response: {} }], want: true },
  ])("an end by $name: $want", ({ payloads, want }) => expect(read([events(...payloads)]).sawEnd).toBe(want));

  it.each([
    { name: "chat", payloads: [{ choices: [], usage: { prompt_tokens: 3, completion_tokens: 7 } }], want: 7 },
    {
      name: "Anthropic, the last one",
      payloads: [
        { type: "message_start", message: { usage: { output_tokens: 1 } } },
        { type: "message_delta", usage: { output_tokens: 9 } },
      ],
      want: 9,
    },
    {
      name: "Responses",
      payloads: [{ type: "response.completed", response: { usage: { output_tokens: 5 } } }],
      want: 5,
    },
    { name: "none", payloads: [chat({ content: "a" })], want: undefined },
  ])("output tokens of $name", ({ payloads, want }) =>
    expect(read([events(...payloads)]).usageOutputTokens).toBe(want),
  );

  it.each([
    { name: "OpenAI error object", event: { error: { message: "x" } } },
    { name: "Anthropic error", event: { type: "error", error: { message: "x" } } },
    { name: "response.failed", event: { type: "response.failed", response: {} } },
  ])("$name fails the stream", ({ event }) => expect(read([events(event)]).failed).toBe(true));

  it("reads a whole JSON answer without token times", () => {
    const answer = JSON.stringify({ choices: [{ message: { content: "hello" } }], usage: { completion_tokens: 4 } });
    const got = read([answer.slice(0, 10), answer.slice(10)], "application/json");
    expect(got).toEqual({
      firstTokenAtMs: undefined,
      lastTokenAtMs: undefined,
      tokenEvents: 0,
      usageOutputTokens: 4,
      sawEnd: true,
      failed: false,
    });
  });

  it("says the same however the bytes are cut, with the time of the chunk that completes an event", () => {
    const text = `: keep-alive\n\n${events(chat({ role: "assistant" }), chat({ content: "é 😀" }), chat({ content: "b" }), chat({}, "stop"), { choices: [], usage: { completion_tokens: 2 } }, "[DONE]")}`;
    const bytes = Buffer.from(text);
    const firstEnds = Buffer.byteLength(text.slice(0, text.indexOf("\n\n", text.indexOf("é")) + 2));
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 12 }), (cuts) => {
        const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const pieces = edges.slice(1).map((edge, at) => bytes.subarray(edges[at], edge));
        const got = read(pieces);
        const firstPiece = edges.slice(1).findIndex((edge) => edge >= firstEnds) + 1;
        expect(got).toMatchObject({ tokenEvents: 2, usageOutputTokens: 2, sawEnd: true, failed: false });
        expect(got.firstTokenAtMs).toBe(firstPiece);
      }),
    );
  });
});
