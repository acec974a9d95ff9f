import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { EventStream } from "../../../../picker/request/event-stream.ts";
import type { ResponseOpening, ResponseReader } from "../../../../picker/request/request.ts";
import { createResponseReader } from "../../../../picker/request/response-reader.ts";

const opening = (changes: Partial<ResponseOpening> = {}): ResponseOpening => ({
  api: "openai-chat",
  status: 200,
  contentType: "text/event-stream",
  contentEncoding: undefined,
  ...changes,
});

const read = (reader: ResponseReader, ...texts: readonly string[]): ResponseReader => {
  texts.forEach((text, i) => reader.onChunk(Buffer.from(text), 10 * (i + 1)));
  reader.onEnd(10 * texts.length);
  return reader;
};

const token = (content: string): string =>
  `data: {"choices":[{"index":0,"delta":{"content":${JSON.stringify(content)}}}]}\n\n`;
const done = "data: [DONE]\n\n";
const noUsage = { inputTokens: undefined, outputTokens: undefined, cachedTokens: undefined };
const maxEventBytes = 256 * 1024;

describe("how a response is read", () => {
  it.each([
    ["text/event-stream", true],
    ["text/event-stream; charset=utf-8", true],
    [" Text/Event-Stream ;x=y", true],
    ["application/json", false],
    ["text/event-streams", false],
    [undefined, false],
  ])("content type %p: streamed is %p", (contentType, streamed) => {
    expect(createResponseReader(opening({ contentType })).streamed).toBe(streamed);
  });

  it.each<[string, Partial<ResponseOpening>]>([
    ["a compressed stream", { contentEncoding: "gzip" }],
    ["a stream of an API that has none", { api: "openai-embeddings" }],
    ["a stream of an unknown API", { api: "pass-through" }],
    ["a compressed body", { contentType: "application/json", contentEncoding: "br" }],
    ["a body of an unknown type", { contentType: "audio/mpeg" }],
    ["a body without a type", { contentType: undefined }],
  ])("%s is timed only, and complete when it ended", (_, changes) => {
    const reader = createResponseReader(opening(changes));
    reader.onChunk(Buffer.from(token("a")), 5);
    expect(reader.complete).toBe(false);
    reader.onEnd(9);
    expect(reader).toMatchObject({ firstByteAtMs: 5, firstTokenAtMs: undefined, lastTokenAtMs: undefined });
    expect(reader).toMatchObject({ tokenEvents: 0, complete: true, failed: false, usage: noUsage });
  });

  it("reads a body that says it is not encoded", () => {
    expect(read(createResponseReader(opening({ contentEncoding: "identity" })), token("a"), done).tokenEvents).toBe(1);
  });
});

describe("a stream", () => {
  it("has its first byte at the first chunk that is not empty, its first token at the first text", () => {
    const reader = read(createResponseReader(opening()), "", ": hi\n\n", token(""), token("a"), "", token("b"), done);
    expect(reader).toMatchObject({ firstByteAtMs: 20, firstTokenAtMs: 40, lastTokenAtMs: 60, tokenEvents: 2 });
  });

  it("ends once", () => {
    const reader = read(createResponseReader(opening()), token("a"));
    expect(reader.complete).toBe(false);
    reader.onChunk(Buffer.from(done), 50);
    reader.onEnd(60);
    expect(reader).toMatchObject({ complete: false, tokenEvents: 1 });
  });

  it("may leave out the last blank line, or the last line end", () => {
    for (const end of ["data: [DONE]\n", "data: [DONE]", "data: [DONE]\r", "data:[DONE]\r\n"]) {
      expect(read(createResponseReader(opening()), token("a"), end)).toMatchObject({ complete: true, tokenEvents: 1 });
    }
  });

  it("is not ended by what looks like an end", () => {
    for (const end of [
      "data: [DONE",
      "data: [DONE]x\n\n",
      ": [DONE]\n\n",
      "event: [DONE]\n\n",
      "data: [DONE]\ndata:\n\n",
      "[DONE]\n\n",
    ]) {
      expect(read(createResponseReader(opening()), token("a"), end).complete).toBe(false);
    }
  });

  it("counts nothing of an event that is not whole JSON", () => {
    const broken = [
      '{"choices":[{"delta":{"content":"x"},"finish_reason":"stop"',
      '{"usage":{"prompt_tokens":5}',
      "[",
      '"',
      "{",
      '{"a',
      '{"error":1',
      "{]",
    ];
    const reader = read(createResponseReader(opening()), ...broken.map((data) => `data: ${data}\n\n`), token("a"));
    expect(reader).toMatchObject({ tokenEvents: 1, usage: noUsage, complete: false, failed: false });
  });

  it("keeps what an earlier usage said where a later one says nothing", () => {
    const usages = [
      '{"prompt_tokens":7,"prompt_tokens_details":{"cached_tokens":4}}',
      '{"completion_tokens":3}',
      "null",
      "{}",
    ];
    const reader = read(
      createResponseReader(opening()),
      ...usages.map((usage) => `data: {"choices":[],"usage":${usage}}\n\n`),
    );
    expect(reader.usage).toEqual({ inputTokens: 7, outputTokens: 3, cachedTokens: 4 });
  });

  it("takes no count from what is not a whole number", () => {
    const usage = '{"prompt_tokens":"7","completion_tokens":-3,"prompt_tokens_details":{"cached_tokens":1.5}}';
    expect(read(createResponseReader(opening()), `data: {"usage":${usage}}\n\n`).usage).toEqual(noUsage);
  });

  it.each([
    ["openai-chat", '{"choices":[{"delta":{"audio":{"data":"UklG"}}}]}', 1],
    ["openai-chat", '{"choices":[{"delta":{"audio":{"id":"a"}}}]}', 0],
    ["openai-chat", '{"choices":[{"delta":{"function_call":{"arguments":"{"}}}]}', 1],
    ["openai-chat", '{"choices":[{"delta":{"\\u0063ontent":"x"}}]}', 1],
    ["openai-chat", '{"choices":[{"delta":null}]}', 0],
    ["openai-chat", '{"choices":null}', 0],
    ["openai-chat", "[]", 0],
    ["openai-responses", '{"type":"response.audio.delta","delta":"UklG"}', 1],
    ["openai-responses", '{"type":"response.shell_call_output_content.delta","delta":{"stdout":"x"}}', 0],
    [
      "anthropic-messages",
      '{"type":"content_block_delta","delta":{"type":"citations_delta","citation":{"text":"x"}}}',
      0,
    ],
  ] as const)("%s: %s has %p tokens", (api, data, tokens) => {
    expect(read(createResponseReader(opening({ api })), `data: ${data}\n\n`).tokenEvents).toBe(tokens);
  });
});

describe("an event that repeats the one before around another text", () => {
  const reader = () => createResponseReader(opening());
  it.each([
    { name: "other text, escapes included", next: token('"\\\n'), tokens: 2 },
    { name: "no text", next: token(""), tokens: 1 },
    { name: "more fields behind the text", next: token("Z").replace("}}]", '},"finish_reason":"stop"}]'), tokens: 2 },
    { name: "fewer bytes behind the text", next: token("Z").replace("}}]}", "}}]"), tokens: 1 },
    { name: "a text that does not close", next: token("Z").replace('Z"', 'Z\\"'), tokens: 1 },
    { name: "a text that is cut by a line end", next: token("Z").replace("Z", "Z\n\ny"), tokens: 1 },
    { name: "a line end behind a backslash", next: token("Z").replace("Z", "Z\\\ny"), tokens: 1 },
  ])("$name", ({ next, tokens }) =>
    expect(read(reader(), token("a"), next, done)).toMatchObject({ tokenEvents: tokens, complete: true }),
  );

  it("still takes a usage that was replaced in between", () => {
    const used = (tokens: number) => `"usage":{"prompt_tokens":${tokens}}`;
    const withUsage = (content: string) => token(content).replace("}]}", `}],${used(1)}}`);
    const usage = `data: {"choices":[],${used(2)}}\n\n`;
    expect(read(reader(), withUsage("a"), usage, withUsage("b")).usage.inputTokens).toBe(1);
  });

  it("still sees the first event of another choice", () => {
    const other = token("b").replace('"index":0', '"index":1');
    const finish = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';
    expect(read(reader(), token("a"), other, finish).complete).toBe(false);
    expect(read(reader(), token("a"), token("b"), finish).complete).toBe(true);
    expect(read(reader(), finish, token("a"), token("b")).complete).toBe(true);
  });
});

describe("what is kept of an event", () => {
  const long = (bytes: number): string => token("x".repeat(bytes - token("").length + 1));

  it("an event of the greatest length counts, one byte more does not, wherever it is cut", () => {
    const exact = long(maxEventBytes);
    for (const [event, tokens] of [
      [exact, 1],
      [exact.replace("x", "xx"), 0],
    ] as const) {
      for (const cut of [0, 1, 5000, event.length - 3, event.length - 2, event.length - 1, event.length]) {
        const reader = read(createResponseReader(opening()), event.slice(0, cut), event.slice(cut), token("y"), done);
        expect({ cut, tokens: reader.tokenEvents, complete: reader.complete }).toEqual({
          cut,
          tokens: tokens + 1,
          complete: true,
        });
      }
    }
  });

  it("never exceeds the bound, and the stream recovers behind the long event", () => {
    let data = 0;
    let tooLong = 0;
    const events = new EventStream({ onKnown: () => -1, onData: () => data++, onTooLong: () => tooLong++ }, 1000);
    const piece = Buffer.alloc(700, "a");
    events.push(Buffer.from("data: "));
    for (let i = 0; i < 100; i++) {
      events.push(piece);
      expect(events.keptBytes).toBeLessThanOrEqual(1002);
    }
    events.push(Buffer.from("\r\n\r"));
    events.push(Buffer.from("\ndata: x\n\n"));
    expect([data, tooLong]).toEqual([1, 1]);
  });

  it("knows the end of a response that is too long to read by its name", () => {
    const huge = `event: response.completed\ndata: {"type":"response.completed","response":{"instructions":"${"x".repeat(maxEventBytes)}"}}\n\n`;
    const responses = opening({ api: "openai-responses" });
    expect(read(createResponseReader(responses), huge).complete).toBe(true);
    expect(read(createResponseReader(responses), huge.slice(0, 9999), huge.slice(9999)).complete).toBe(true);
    expect(read(createResponseReader(responses), huge.slice(0, -5)).complete).toBe(false);
    expect(read(createResponseReader(responses), huge.replaceAll("completed", "created")).complete).toBe(false);
    expect(read(createResponseReader(responses), huge.replaceAll("completed", "failed"))).toMatchObject({
      complete: false,
      failed: true,
    });
  });
});

describe("a body that is not streamed", () => {
  const json = opening({ contentType: "application/json" });
  const usage = '{"prompt_tokens":5,"completion_tokens":2}';

  it.each([
    { name: "at the end", body: `{"choices":[],"usage":${usage}}`, input: 5 },
    { name: "at the start", body: `{"usage":${usage},"choices":[]}`, input: 5 },
    { name: "with white space", body: `{ "usage" : ${usage} , "x" : 1 }\n`, input: 5 },
    { name: "twice: the last one", body: `{"usage":{"prompt_tokens":1},"usage":${usage}}`, input: 5 },
    { name: "before one in text", body: `{"usage":${usage},"x":"\\"usage\\":{\\"prompt_tokens\\":9}"}`, input: 5 },
    { name: "before a nested one", body: `{"usage":${usage},"x":{"usage":{"prompt_tokens":9}}}`, input: 5 },
    { name: "only nested", body: `{"x":{"usage":${usage}}}`, input: undefined },
    { name: "only in a list", body: `[{"usage":${usage}}]`, input: undefined },
    { name: "null", body: '{"choices":[],"usage":null}', input: undefined },
    { name: "cut", body: `{"choices":[],"usage":${usage}`, input: undefined },
    { name: "with a key that only ends so", body: `{"\\"usage":${usage}}`, input: undefined },
    { name: "of an empty body", body: "", input: undefined },
  ])("usage $name", ({ body, input }) => {
    const reader = read(createResponseReader(json), body);
    expect(reader.usage.inputTokens).toBe(input);
    expect(reader).toMatchObject({ complete: true, tokenEvents: 0, firstTokenAtMs: undefined });
  });

  it("finds usage behind more text than is kept, however it is cut", () => {
    const body = `{"choices":[{"message":{"content":"${"x".repeat(3 * maxEventBytes)}"}}],"usage":${usage},"prompt_logprobs":null}`;
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: body.length }), (size) => {
        const pieces = Array.from({ length: Math.ceil(body.length / size) }, (_, i) =>
          body.slice(i * size, (i + 1) * size),
        );
        expect(read(createResponseReader(json), ...pieces).usage).toEqual({
          inputTokens: 5,
          outputTokens: 2,
          cachedTokens: undefined,
        });
      }),
      { numRuns: 30 },
    );
  });
});
