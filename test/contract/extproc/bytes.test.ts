import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { BodyMode, Direction } from "#extproc";
import { requestMetrics } from "#metrics";
import { PickerCore } from "../../support/extproc-core.ts";
import type { ScriptedProxy } from "../../support/extproc-proxy.ts";
import {
  chatRequest,
  requestBody,
  requestHeaders,
  requestTrailers,
  responseBody,
  responseHeaders,
  responseTrailers,
  sse,
} from "../../support/extproc-messages.ts";

const largestPiece = 62_000;

/** Chunks of any length, empty ones included, some of them longer than a piece. */
const anyChunks = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.uint8Array({ maxLength: 300 }) },
    {
      weight: 1,
      arbitrary: fc.integer({ min: 61_990, max: 130_000 }).map((length) => new Uint8Array(length).fill(length)),
    },
  ),
  { maxLength: 12 },
);
const anyEnd = fc.constantFrom("with the last chunk", "alone", "twice", "by trailers", "never");
type End = "with the last chunk" | "alone" | "twice" | "by trailers" | "never";

/** Says a body in these chunks and ends it. */
function sayBody(proxy: ScriptedProxy, direction: Direction, chunks: readonly Uint8Array[], end: End): void {
  const say = direction === "request" ? requestBody : responseBody;
  chunks.forEach((chunk, i) => {
    proxy.say(say(Buffer.from(chunk), end === "with the last chunk" && i === chunks.length - 1));
  });
  if (end === "alone" || end === "twice" || (end === "with the last chunk" && chunks.length === 0)) {
    proxy.say(say("", true));
  }
  if (end === "twice") proxy.say(say("", true));
  if (end === "by trailers") proxy.say(direction === "request" ? requestTrailers : responseTrailers);
}

function expectPassedOn(proxy: ScriptedProxy, direction: Direction, chunks: readonly Uint8Array[], end: End): void {
  const pieces = proxy.pieces(direction);
  expect(Buffer.concat(pieces.map(({ body }) => body)).equals(Buffer.concat(chunks))).toBe(true);
  for (const { body } of pieces) expect(body.length).toBeLessThanOrEqual(largestPiece);
  const ended = pieces.map(({ endOfStream }) => endOfStream);
  const isEnded = end !== "by trailers" && end !== "never";
  expect(ended.slice(0, -1)).not.toContain(true);
  expect(ended.at(-1) ?? false).toBe(isEnded);
}

/** A body that a path of the picker reads: JSON whose text is any bytes that may stand in a string. */
const readable = fc
  .tuple(fc.string({ unit: "grapheme", maxLength: 400 }), fc.array(fc.nat(), { maxLength: 8 }), fc.nat(130_000))
  .map(([text, cuts, padding]) => {
    const body = { model: "llama", messages: [{ role: "user", content: text + "x".repeat(padding) }] };
    const bytes = Buffer.from(JSON.stringify(body));
    const at = cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b);
    return [...at, bytes.length].map((cut, i) => bytes.subarray(at[i - 1] ?? 0, cut));
  });

describe("bodies in full duplex", () => {
  it("of a request that is read: the bytes of the client in pieces, the last one ending the stream", () => {
    fc.assert(
      fc.property(
        readable,
        fc.constantFrom<End>("with the last chunk", "alone", "twice", "by trailers"),
        (chunks, end) => {
          const proxy = new PickerCore().open().say(requestHeaders());
          sayBody(proxy, "request", chunks, end);
          expectPassedOn(proxy, "request", chunks, end);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("of a request that is not read: any bytes, as they come", () => {
    fc.assert(
      fc.property(anyChunks, anyEnd, (chunks, end) => {
        const proxy = new PickerCore().open().say(requestHeaders({ path: "/v1/files" }));
        sayBody(proxy, "request", chunks, end);
        expectPassedOn(proxy, "request", chunks, end);
      }),
      { numRuns: 150 },
    );
  });

  it.each(["text/event-stream", "application/json", "application/octet-stream"])("of a response of %s", (type) => {
    fc.assert(
      fc.property(anyChunks, anyEnd, fc.constantFrom(200, 500), (chunks, end, status) => {
        const proxy = new PickerCore().open().say(requestHeaders()).say(requestBody(chatRequest, true));
        proxy.say(responseHeaders(status, type));
        sayBody(proxy, "response", chunks, end);
        expectPassedOn(proxy, "response", chunks, end);
      }),
      { numRuns: 100 },
    );
  });

  it("each chunk is passed on within its own step: none waits for another", () => {
    const proxy = new PickerCore().open().say(requestHeaders()).say(requestBody(chatRequest, true));
    proxy.say(responseHeaders());
    for (let i = 1; i <= 20; i++) {
      proxy.say(responseBody(`chunk ${i}`));
      expect(proxy.pieces("response")).toHaveLength(i);
    }
  });

  it("a chunk is passed on before it is read", () => {
    const core = new PickerCore();
    const proxy = core.open().say(requestHeaders()).say(requestBody(chatRequest, true)).say(responseHeaders());
    const tokensSeen = (): number => core.registry.histogramOf(requestMetrics.ttftSeconds)?.count ?? 0;
    const atSend: number[] = [];
    proxy.onReply = () => atSend.push(tokensSeen());
    proxy.at(100).say(responseBody(sse.token("a")));
    expect(atSend).toEqual([0]);
    expect(tokensSeen()).toBe(1);
  });
});

describe("bodies in the modes that expect one answer a message", () => {
  it.each<BodyMode>(["STREAMED", "BUFFERED", "BUFFERED_PARTIAL"])("%s: the body is never sent back", (mode) => {
    const proxy = new PickerCore().open().say(requestHeaders({ mode }));
    proxy
      .say(requestBody(chatRequest, true))
      .say(responseHeaders())
      .say(responseBody("a", mode !== "STREAMED"));
    expect(proxy.pieces("request")).toEqual([]);
    expect(proxy.pieces("response")).toEqual([]);
    const said = proxy.events.filter(({ kind }) => kind === "said").length;
    expect(proxy.replies).toHaveLength(said);
  });
});
