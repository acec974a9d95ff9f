import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { decodeProcessingRequest, encodeProcessingRequest, streamedBodyRequest } from "#extproc";
import { expected, forced, namespacesOf, plain, request } from "./arbitraries.ts";
import { readBack, referenceRequest, requestType } from "./reference.ts";

describe("ProcessingRequest", () => {
  it("is decoded as protobufjs encoded it", () => {
    fc.assert(
      fc.property(request, (sent) => {
        const decoded = decodeProcessingRequest(referenceRequest(sent));
        expect(plain(forced(decoded, namespacesOf(sent)))).toEqual(plain(expected(sent)));
      }),
      { numRuns: 150 },
    );
  });

  it("is encoded so that protobufjs reads it", () => {
    fc.assert(
      fc.property(request, (sent) => {
        expect(readBack(requestType, encodeProcessingRequest(sent))).toEqual(
          readBack(requestType, referenceRequest(sent)),
        );
      }),
      { numRuns: 150 },
    );
  });

  it("shows a body as a view of the received bytes", () => {
    const bytes = encodeProcessingRequest({
      kind: "body",
      direction: "response",
      body: Buffer.from("data"),
      endOfStream: false,
    });
    const decoded = decodeProcessingRequest(bytes);
    if (decoded.kind !== "body") throw new Error(decoded.kind);
    bytes.fill("D", bytes.indexOf("data"), bytes.indexOf("data") + 1);
    expect(decoded.body.toString()).toBe("Data");
  });

  it("is unknown when none of the oneof's known cases is set", () => {
    // Field 12 holding a message: a case that a later revision may add.
    const decoded = decodeProcessingRequest(Buffer.from([0x62, 0x02, 0x08, 0x01, 0x50, 0x01]));
    expect(decoded).toMatchObject({ kind: "unknown", observabilityMode: true });
    expect(decodeProcessingRequest(Buffer.alloc(0)).kind).toBe("unknown");
  });

  it("takes the last of several oneof cases", () => {
    const [first, second] = [Buffer.from([0x12, 0x00]), Buffer.from([0x2a, 0x02, 0x10, 0x01])];
    expect(decodeProcessingRequest(Buffer.concat([first, second]))).toMatchObject({
      kind: "body",
      direction: "response",
      endOfStream: true,
    });
    expect(decodeProcessingRequest(Buffer.concat([second, first]))).toMatchObject({
      kind: "headers",
      direction: "request",
    });
  });

  it("has no metadata where the namespace is missing", () => {
    const sent = encodeProcessingRequest({
      kind: "trailers",
      direction: "request",
      trailers: [],
      filterMetadata: { "envoy.lb": {} },
    });
    const decoded = decodeProcessingRequest(sent);
    expect(decoded.filterMetadata("envoy.lb")).toEqual({});
    expect(decoded.filterMetadata("envoy.lb.subset_hint")).toBeUndefined();
  });

  it.each([
    { name: "an empty body", body: "", endOfStream: false },
    { name: "an empty last body", body: "", endOfStream: true },
    { name: "a chunk", body: "x".repeat(216), endOfStream: false },
    { name: "a long last chunk", body: "x".repeat(70_000), endOfStream: true },
  ])("streamedBodyRequest sends $name without copying it", ({ body, endOfStream }) => {
    for (const direction of ["request", "response"] as const) {
      const chunk = Buffer.from(body);
      const payload = streamedBodyRequest(direction, chunk, endOfStream);
      expect(payload[1]).toBe(body === "" ? undefined : chunk);
      const whole = Buffer.concat(payload);
      expect(plain(forced(decodeProcessingRequest(whole), []))).toEqual(
        plain(expected({ kind: "body", direction, body: chunk, endOfStream })),
      );
      expect(readBack(requestType, whole)).toEqual(
        readBack(requestType, referenceRequest({ kind: "body", direction, body: chunk, endOfStream })),
      );
    }
  });
});
