import { describe, expect, it } from "@jest/globals";
import { loadResponseStreams, type RecordedStream } from "../../../support/response-streams.ts";
import type { ResponseReader } from "../../../../picker/request/request.ts";
import { createResponseReader } from "../../../../picker/request/response-reader.ts";

const streams = loadResponseStreams();

const readerOf = (stream: RecordedStream): ResponseReader =>
  createResponseReader({ ...stream, contentEncoding: undefined });

const totals = ({ tokenEvents, usage, complete, failed }: ResponseReader) => ({ tokenEvents, usage, complete, failed });

function readCut(stream: RecordedStream, body: Buffer, cuts: readonly number[]): ReturnType<typeof totals> {
  const reader = readerOf(stream);
  let start = 0;
  for (const cut of [...cuts, body.length]) {
    // A copy whose rest is overwritten afterwards: nothing may be kept by reference.
    const chunk = Buffer.from(body.subarray(start, cut));
    reader.onChunk(chunk, start);
    chunk.fill(0x7b);
    start = cut;
  }
  if (stream.end === "body") reader.onEnd(start);
  return totals(reader);
}

describe("recorded responses", () => {
  it("there are some for every way a response can end", () => {
    expect(new Set(streams.map(({ end }) => end))).toEqual(new Set(["body", "client-abort", "upstream-reset"]));
    expect(new Set(streams.map(({ name }) => name)).size).toBe(streams.length);
  });

  describe.each(streams.map((stream) => [stream.name, stream] as const))("%s", (_, stream) => {
    const body = Buffer.concat(stream.chunks.map(({ bytes }) => bytes));
    const { tokenEvents, usage, complete, failed } = stream.expected;
    const expectedTotals = { tokenEvents, usage, complete, failed };

    it("is read as expected when it comes as recorded", () => {
      const reader = readerOf(stream);
      for (const { bytes, atMs } of stream.chunks) reader.onChunk(bytes, atMs);
      if (stream.end === "body") reader.onEnd(stream.chunks.at(-1)!.atMs);
      expect({ ...totals(reader), firstTokenAtMs: reader.firstTokenAtMs, lastTokenAtMs: reader.lastTokenAtMs }).toEqual(
        stream.expected,
      );
      expect(reader.firstByteAtMs).toBe(stream.chunks[0]!.atMs);
      expect(reader.streamed).toBe(stream.contentType.startsWith("text/event-stream"));
    });

    it("says the same wherever it is cut in two", () => {
      for (let cut = 0; cut <= body.length; cut++) {
        const read = readCut(stream, body, [cut]);
        if (JSON.stringify(read) !== JSON.stringify(expectedTotals)) expect({ cut, ...read }).toEqual(expectedTotals);
      }
    });

    it("says the same in one chunk, in chunks of one byte and of seven", () => {
      const every = (step: number) => Array.from({ length: Math.floor(body.length / step) }, (_, i) => (i + 1) * step);
      for (const cuts of [[], every(1), every(7)]) expect(readCut(stream, body, cuts)).toEqual(expectedTotals);
    });

    it("is not complete, whatever was seen, before the body ended", () => {
      const reader = readerOf(stream);
      reader.onChunk(body, 1);
      expect(reader.complete).toBe(false);
    });
  });
});
