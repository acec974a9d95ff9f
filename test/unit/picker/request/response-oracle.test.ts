import { describe, expect, it } from "@jest/globals";
import { createParser } from "eventsource-parser";
import fc from "fast-check";
import type { Api, Usage } from "../../../../picker/request/request.ts";
import { createResponseReader } from "../../../../picker/request/response-reader.ts";

type Json = Readonly<Record<string, unknown>>;
type Reading = {
  readonly tokenChunks: number[];
  input: number | undefined;
  output: number | undefined;
  cached: number | undefined;
  created: number | undefined;
  ended: boolean;
  failed: boolean;
  readonly finished: Map<number, boolean>;
};

const object = (value: unknown): Json =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
const count = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

function readUsage(reading: Reading, value: unknown): void {
  const usage = object(value);
  const details = object(usage["prompt_tokens_details"] ?? usage["input_tokens_details"]);
  reading.input = count(usage["prompt_tokens"] ?? usage["input_tokens"]) ?? reading.input;
  reading.output = count(usage["completion_tokens"] ?? usage["output_tokens"]) ?? reading.output;
  reading.cached = count(details["cached_tokens"] ?? usage["cache_read_input_tokens"]) ?? reading.cached;
  reading.created = count(usage["cache_creation_input_tokens"]) ?? reading.created;
}

function isOutput(choice: Json): boolean {
  const delta = object(choice["delta"]);
  const texts = ["content", "reasoning_content", "reasoning", "refusal"].map((name) => delta[name]);
  const calls = [delta["function_call"], ...list(delta["tool_calls"]).map((call) => object(call)["function"])];
  const callTexts = calls.flatMap((call) => [object(call)["name"], object(call)["arguments"]]);
  return [choice["text"], ...texts, ...callTexts].some(isText);
}

function readChunk(reading: Reading, data: Json, chunk: number): void {
  const choices = list(data["choices"]).map(object);
  if (choices.some(isOutput)) reading.tokenChunks.push(chunk);
  for (const choice of choices) {
    const index = count(choice["index"]) ?? 0;
    reading.finished.set(index, reading.finished.get(index) === true || isText(choice["finish_reason"]));
  }
  readUsage(reading, data["usage"]);
  if ((data["error"] ?? undefined) !== undefined || data["object"] === "error") reading.failed = true;
}

function readTyped(reading: Reading, data: Json, chunk: number): void {
  const type = String(data["type"]);
  const delta = data["delta"];
  const blockTexts = [object(delta)["text"], object(delta)["thinking"], object(delta)["partial_json"]];
  const isToken = type === "content_block_delta" ? blockTexts.some(isText) : type.endsWith(".delta") && isText(delta);
  if (isToken) reading.tokenChunks.push(chunk);
  readUsage(reading, object(data["response"])["usage"]);
  readUsage(reading, object(data["message"])["usage"]);
  readUsage(reading, data["usage"]);
  if (["message_stop", "response.completed", "response.incomplete"].includes(type)) reading.ended = true;
  if (["error", "response.failed"].includes(type)) reading.failed = true;
}

/** The slow way: a full event stream parser, and JSON.parse of each event. */
function oracle(api: Api, chunks: readonly Buffer[]): Reading {
  const reading: Reading = {
    tokenChunks: [],
    input: undefined,
    output: undefined,
    cached: undefined,
    created: undefined,
    ended: false,
    failed: false,
    finished: new Map(),
  };
  const decoder = new TextDecoder();
  let chunk = 0;
  const parser = createParser({
    onEvent: ({ data }) => {
      if (data === "[DONE]") reading.ended = true;
      else if (api === "openai-chat" || api === "openai-completions")
        readChunk(reading, JSON.parse(data) as Json, chunk);
      else readTyped(reading, JSON.parse(data) as Json, chunk);
    },
  });
  for (const bytes of chunks) {
    parser.feed(decoder.decode(bytes, { stream: true }));
    chunk++;
  }
  return reading;
}

const usageOf = (api: Api, { input, output, cached, created }: Reading): Usage => ({
  inputTokens: api === "anthropic-messages" && input !== undefined ? input + (cached ?? 0) + (created ?? 0) : input,
  outputTokens: output,
  cachedTokens: cached,
});

const tricky = fc.constantFrom(
  "",
  " ",
  " the",
  '"',
  "\\",
  '\\"',
  "\n",
  "data: [DONE]\n\n",
  '"usage":{"prompt_tokens":9}',
  '"finish_reason":"stop"',
  '","content":"',
  "}]}",
  "日本",
  "😀",
  "\u2028",
  "\u0000",
  '{"error":{}}',
  "a".repeat(100),
  `${"b".repeat(70)}"${"c".repeat(70)}`,
);
const text = fc.oneof(
  tricky,
  fc.string({ unit: "grapheme", maxLength: 80 }).map((value) => value.toWellFormed()),
);
const tokens = fc.integer({ min: 0, max: 99_999 });
const openAiUsage = fc.record({
  prompt_tokens: tokens,
  total_tokens: tokens,
  completion_tokens: tokens,
  prompt_tokens_details: fc.option(fc.record({ audio_tokens: fc.constant(null), cached_tokens: tokens })),
});
const call = fc.record({
  index: fc.nat(1),
  id: fc.option(text),
  function: fc.record({ name: fc.option(text), arguments: text }, { requiredKeys: [] }),
});
const delta = fc.record(
  {
    role: fc.constant("assistant"),
    content: fc.option(text),
    reasoning_content: fc.option(text),
    reasoning: text,
    refusal: fc.option(text),
    tool_calls: fc.option(fc.array(call, { maxLength: 2 })),
    other: text,
  },
  { requiredKeys: [] },
);
const plainDelta = text.map((content) => ({ content }));
const choice = fc.record({
  index: fc.nat(2),
  delta: fc.oneof({ weight: 3, arbitrary: plainDelta }, { weight: 1, arbitrary: delta }),
  logprobs: fc.option(fc.record({ content: fc.array(fc.record({ token: text }), { maxLength: 2 }) })),
  finish_reason: fc.option(fc.constantFrom("stop", "length"), { freq: 4 }),
});
const chunk = (choices: fc.Arbitrary<unknown>) =>
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        id: fc.constant("chatcmpl-1"),
        created: fc.constant(1_760_000_000),
        choices: fc.array(choices as fc.Arbitrary<Json>, { minLength: 1, maxLength: 1 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        choices: fc.array(choices as fc.Arbitrary<Json>, { maxLength: 3 }),
        usage: fc.option(openAiUsage),
        id: text,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.oneof(
        fc.record({ error: fc.option(fc.record({ message: text })) }),
        fc.constant({ object: "error", message: "x" }),
      ),
    },
  );
const completion = fc.record({ index: fc.nat(1), text, finish_reason: fc.option(fc.constant("stop"), { freq: 4 }) });

const responseUsage = fc.record({
  input_tokens: tokens,
  output_tokens: tokens,
  input_tokens_details: fc.option(fc.record({ cached_tokens: tokens })),
});
const responseEvent = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      delta: text,
      sequence_number: fc.nat(12),
      type: fc.constantFrom(
        "response.output_text.delta",
        "response.reasoning_text.delta",
        "response.function_call_arguments.delta",
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constantFrom("response.created", "response.output_text.done", "delta", ".delta.done"),
      delta: text,
      response: fc.record({ usage: fc.option(responseUsage) }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constantFrom("response.completed", "response.incomplete", "response.failed", "error"),
      response: fc.record({ usage: responseUsage, output: fc.array(text, { maxLength: 2 }) }),
    }),
  },
);

const anthropicUsage = fc.record(
  {
    input_tokens: tokens,
    cache_read_input_tokens: fc.option(tokens),
    cache_creation_input_tokens: fc.option(tokens),
    output_tokens: tokens,
  },
  { requiredKeys: [] },
);
const anthropicEvent = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant("content_block_delta"),
      index: fc.constant(0),
      delta: fc.oneof(
        fc.record({ type: fc.constant("text_delta"), text }),
        fc.record({ type: fc.constant("thinking_delta"), thinking: text }),
        fc.record({ type: fc.constant("input_json_delta"), partial_json: text }),
        fc.record({ type: fc.constant("signature_delta"), signature: text }),
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("message_start"),
      message: fc.record({ usage: anthropicUsage, content: fc.constant([]) }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("message_delta"),
      delta: fc.record({ stop_reason: text, text }),
      usage: anthropicUsage,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constantFrom("ping", "message_stop", "error", "content_block_start"),
      content_block: fc.record({ text }),
    }),
  },
);

/** The same JSON with white space, as Python's json.dumps writes it. */
const spaced = (json: string): string => JSON.stringify(JSON.parse(json), undefined, 1).replaceAll(/\n\s*/g, " ");
const extras = fc.constantFrom("", "", "", ": keep-alive\n\n", "\n", "event: x\n", "id: 1\nretry: 5\n");
const stream = (events: fc.Arbitrary<unknown>) =>
  fc
    .tuple(
      fc.array(
        fc.tuple(
          extras,
          fc.oneof(
            { weight: 9, arbitrary: events.map((event) => JSON.stringify(event)) },
            { weight: 1, arbitrary: fc.constant("[DONE]") },
          ),
          fc.nat(9),
        ),
        { maxLength: 12 },
      ),
      fc.constantFrom("\n", "\n", "\r\n", "\r"),
    )
    .map(([parts, lineEnd]) => {
      const lines = parts.map(
        ([extra, json, style]) =>
          `${extra}data:${style === 0 ? "" : " "}${style === 1 && json !== "[DONE]" ? spaced(json) : json}\n\n`,
      );
      return { bytes: Buffer.from(lines.join("").replaceAll("\n", lineEnd)), lineEnd };
    });

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b);
  return [...places, bytes.length].map((end, i) => bytes.subarray(i === 0 ? 0 : places[i - 1], end));
}

describe.each<[Api, fc.Arbitrary<unknown>]>([
  ["openai-chat", chunk(choice)],
  ["openai-completions", chunk(completion)],
  ["openai-responses", responseEvent],
  ["anthropic-messages", anthropicEvent],
])("reading %s", (api, events) => {
  it("agrees with an event stream parser and JSON.parse, however the stream is cut", () => {
    fc.assert(
      fc.property(stream(events), fc.array(fc.nat(3000), { maxLength: 12 }), ({ bytes, lineEnd }, cuts) => {
        const chunks = cutAt(bytes, cuts);
        const expected = oracle(api, chunks);
        const reader = createResponseReader({
          api,
          status: 200,
          contentType: "text/event-stream",
          contentEncoding: undefined,
        });
        chunks.forEach((one, i) => reader.onChunk(one, i));
        reader.onEnd(chunks.length);
        const isFinished = expected.finished.size > 0 && [...expected.finished.values()].every(Boolean);
        expect({
          tokens: reader.tokenEvents,
          failed: reader.failed,
          complete: reader.complete,
          usage: reader.usage,
        }).toEqual({
          tokens: expected.tokenChunks.length,
          failed: expected.failed,
          complete: expected.ended || isFinished,
          usage: usageOf(api, expected),
        });
        // The parser waits behind a CR for the LF that may follow; we do not.
        if (lineEnd !== "\n") return;
        expect([reader.firstTokenAtMs, reader.lastTokenAtMs]).toEqual([
          expected.tokenChunks[0],
          expected.tokenChunks.at(-1),
        ]);
      }),
      { numRuns: 1500 },
    );
  });
});
