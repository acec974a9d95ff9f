import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { CodecError, decodeProcessingResponse, encodeProcessingResponse, type ProcessingResponse } from "#extproc";
import { plain, response } from "./arbitraries.ts";
import { readBack, referenceResponse, responseType } from "./reference.ts";

const reply = (option: { readonly [key: string]: unknown }): Buffer =>
  Buffer.from(
    responseType
      .encode(responseType.fromObject({ requestHeaders: { response: { headerMutation: { setHeaders: [option] } } } }))
      .finish(),
  );

describe("ProcessingResponse", () => {
  it("is encoded so that protobufjs reads it", () => {
    fc.assert(
      fc.property(response, (sent) => {
        expect(readBack(responseType, encodeProcessingResponse(sent))).toEqual(
          readBack(responseType, referenceResponse(sent)),
        );
      }),
      { numRuns: 150 },
    );
  });

  it("is decoded as protobufjs encoded it", () => {
    fc.assert(
      fc.property(response, (sent) => {
        expect(plain(decodeProcessingResponse(referenceResponse(sent)))).toEqual(plain(sent));
      }),
      { numRuns: 150 },
    );
  });

  it("is decoded as it was encoded", () => {
    fc.assert(
      fc.property(response, (sent) => {
        expect(plain(decodeProcessingResponse(encodeProcessingResponse(sent)))).toEqual(plain(sent));
      }),
      { numRuns: 150 },
    );
  });

  it("stays as it is when another one is encoded", () => {
    const make = (details: string): ProcessingResponse => ({ kind: "immediate", immediate: { status: 503, details } });
    const first = encodeProcessingResponse(make("no endpoints"));
    const copy = Buffer.from(first);
    encodeProcessingResponse(make("x".repeat(400_000)));
    encodeProcessingResponse(make("shut down"));
    expect(first).toEqual(copy);
  });

  it.each([
    { name: "neither append nor action", option: {}, want: {} },
    { name: "append false", option: { append: { value: false } }, want: {} },
    { name: "append true", option: { append: { value: true } }, want: { append: true } },
    { name: "OVERWRITE_IF_EXISTS_OR_ADD", option: { appendAction: 2 }, want: {} },
  ])("reads a header with $name as Envoy's filter does", ({ option, want }) => {
    expect(decodeProcessingResponse(reply({ header: { key: "a", rawValue: Buffer.from("1") }, ...option }))).toEqual({
      kind: "headers",
      direction: "request",
      common: { headers: { set: [{ name: "a", value: "1", ...want }] } },
    });
  });

  it("reads value where raw_value is empty", () => {
    expect(decodeProcessingResponse(reply({ header: { key: "a", value: "1" } }))).toMatchObject({
      common: { headers: { set: [{ name: "a", value: "1" }] } },
    });
  });

  it("skips an option without a header", () => {
    expect(decodeProcessingResponse(reply({ appendAction: 2 }))).toEqual({
      kind: "headers",
      direction: "request",
      common: { headers: {} },
    });
  });

  it("reads clear_body as a replacement by nothing", () => {
    const bytes = Buffer.from([0x1a, 0x06, 0x0a, 0x04, 0x1a, 0x02, 0x10, 0x01]);
    expect(decodeProcessingResponse(bytes)).toEqual({
      kind: "body",
      direction: "request",
      common: { body: { kind: "replace", body: Buffer.alloc(0) } },
    });
  });

  it("is unknown when it only extends a timeout", () => {
    expect(decodeProcessingResponse(Buffer.from([0x52, 0x02, 0x08, 0x05]))).toEqual({ kind: "unknown" });
  });

  it.each([
    { name: "ADD_IF_ABSENT", bytes: reply({ header: { key: "a" }, appendAction: 1 }) },
    { name: "OVERWRITE_IF_EXISTS", bytes: reply({ header: { key: "a" }, appendAction: 3 }) },
    { name: "CONTINUE_AND_REPLACE", bytes: Buffer.from([0x0a, 0x04, 0x0a, 0x02, 0x08, 0x01]) },
  ])("refuses $name, which it cannot carry out", ({ bytes }) => {
    expect(() => decodeProcessingResponse(bytes)).toThrow(CodecError);
  });
});
