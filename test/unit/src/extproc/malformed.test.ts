import { describe, expect, it } from "@jest/globals";
import {
  CodecError,
  decodeProcessingRequest,
  decodeProcessingResponse,
  encodeProcessingRequest,
  type JsonValue,
} from "#extproc";

const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(" ", ""), "hex");

const refusal = (decode: () => unknown): CodecError => {
  try {
    decode();
  } catch (error) {
    if (error instanceof CodecError) return error;
    throw error;
  }
  throw new Error("was decoded");
};

const nested = (depth: number): JsonValue => {
  let value: JsonValue = true;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { in: value };
  return value;
};

describe("a malformed ProcessingRequest says where", () => {
  it.each([
    { name: "a tag without end", hex: "80", path: "request", offset: 0 },
    { name: "field number 0", hex: "00 00", path: "request", offset: 0 },
    { name: "field number 0 in two bytes", hex: "82 00 00", path: "request", offset: 0 },
    { name: "a tag of six bytes", hex: "a2 80 80 80 80 00 00", path: "request", offset: 0 },
    { name: "a field number above 2^29", hex: "80 80 80 80 10 00", path: "request", offset: 0 },
    { name: "a part without length", hex: "22", path: "request_body", offset: 1 },
    { name: "a part longer than the message", hex: "22 05 0a 03 61 62", path: "request_body", offset: 1 },
    { name: "a body longer than its part", hex: "22 04 0a 03 61 62 50 01", path: "request_body", offset: 3 },
    { name: "a flag that ends with its part", hex: "22 02 10 80 50 01", path: "request_body", offset: 3 },
    {
      name: "a fixed64 longer than its part",
      hex: "22 03 61 00 00 50 01 50 01 50 01",
      path: "request_body",
      offset: 3,
    },
    { name: "a negative length", hex: "2a ff ff ff ff ff ff ff ff ff 01", path: "response_body", offset: 1 },
    { name: "a length of 2^31", hex: "2a 80 80 80 80 08", path: "response_body", offset: 1 },
    { name: "a length of 2^32", hex: "2a 80 80 80 80 10", path: "response_body", offset: 1 },
    {
      name: "a varint of eleven bytes",
      hex: "50 ff ff ff ff ff ff ff ff ff ff 01",
      path: "observability_mode",
      offset: 1,
    },
    {
      name: "a header line longer than its map",
      hex: "12 07 0a 03 0a 04 0a 01 61",
      path: "request_headers",
      offset: 5,
    },
    {
      name: "a header name longer than its line",
      hex: "12 07 0a 05 0a 03 0a 05 61",
      path: "request_headers",
      offset: 7,
    },
    { name: "a header value that is a number", hex: "1a 06 0a 04 0a 02 10 01", path: "response_headers", offset: 7 },
    { name: "trailers cut in a line", hex: "3a 04 0a 02 0a 01", path: "response_trailers", offset: 5 },
    { name: "an unknown body mode", hex: "5a 02 08 06", path: "protocol_config", offset: 4 },
    { name: "a group that does not end", hex: "63 08 01", path: "request", offset: 3 },
    { name: "a group that ends another", hex: "63 6c", path: "request", offset: 2 },
    { name: "a group that never started", hex: "64", path: "request", offset: 1 },
    { name: "wire type 6", hex: "66 00", path: "request", offset: 1 },
    { name: "an unknown fixed64 cut short", hex: "61 00 00", path: "request", offset: 1 },
    { name: "an unknown fixed32 cut short", hex: "65 00 00", path: "request", offset: 1 },
  ])("$name", ({ hex, path, offset }) => {
    const error = refusal(() => decodeProcessingRequest(bytesOf(hex)));
    expect(error.data).toEqual({ code: "EXTPROC_MALFORMED", path, offset });
    expect(error.message).toContain(`${path} at byte ${offset}`);
  });

  it("when groups are nested without end", () => {
    expect(refusal(() => decodeProcessingRequest(Buffer.alloc(100_000, 0x63))).message).toContain("deeper than 64");
  });

  it("when there are more header lines than any proxy sends", () => {
    const map = (lines: number): Buffer =>
      encodeProcessingRequest({
        kind: "headers",
        direction: "request",
        headers: Array.from({ length: lines }, () => ["a", ""] as const),
        endOfStream: true,
      });
    expect(decodeProcessingRequest(map(4096)).kind).toBe("headers");
    expect(refusal(() => decodeProcessingRequest(map(4097))).message).toContain("more than 4096 header lines");
  });

  it("when metadata is nested deeper than 64", () => {
    const sent = (depth: number): Buffer =>
      encodeProcessingRequest({
        kind: "trailers",
        direction: "request",
        trailers: [],
        filterMetadata: { deep: { a: nested(depth) } },
      });
    expect(decodeProcessingRequest(sent(63)).filterMetadata("deep")).toEqual({ a: nested(63) });
    const decoded = decodeProcessingRequest(sent(64));
    expect(refusal(() => decoded.filterMetadata("deep")).data.path).toBe("metadata_context.filter_metadata");
  });

  it("when its metadata is cut, once that is asked for", () => {
    // Map entry with key "n" and a struct that claims five bytes.
    const decoded = decodeProcessingRequest(bytesOf("42 07 0a 05 0a 01 6e 12 05"));
    expect(refusal(() => decoded.filterMetadata("n")).data.offset).toBe(8);
  });
});

describe("a malformed ProcessingResponse says where", () => {
  it.each([
    { name: "a common response longer than its part", hex: "0a 02 0a 05", path: "request_headers", offset: 3 },
    { name: "a body mutation that is a number", hex: "1a 04 0a 02 18 01", path: "request_body", offset: 5 },
    { name: "a streamed body cut short", hex: "22 08 0a 06 1a 04 1a 02 0a 01", path: "response_body", offset: 9 },
    { name: "a status that is text", hex: "3a 04 0a 02 0a 00", path: "immediate_response", offset: 5 },
    { name: "metadata cut in a number", hex: "42 09 0a 07 12 05 11 00 00 00 00", path: "dynamic_metadata", offset: 7 },
    { name: "a header option cut short", hex: "2a 04 0a 02 0a 05", path: "request_trailers", offset: 5 },
  ])("$name", ({ hex, path, offset }) => {
    expect(refusal(() => decodeProcessingResponse(bytesOf(hex))).data).toEqual({
      code: "EXTPROC_MALFORMED",
      path,
      offset,
    });
  });
});

describe("odd but valid bytes", () => {
  it("numbers in more bytes than they need are read", () => {
    const decoded = decodeProcessingRequest(bytesOf("a2 80 00 88 80 00 0a 82 00 68 69 10 81 00"));
    if (decoded.kind !== "body") throw new Error(decoded.kind);
    expect(decoded.body.toString()).toBe("hi");
    expect(decoded.endOfStream).toBe(true);
  });

  it("a negative number of ten bytes is true", () => {
    expect(decodeProcessingRequest(bytesOf("50 ff ff ff ff ff ff ff ff ff 01")).observabilityMode).toBe(true);
  });
});
