import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { continueReply, decodeProcessingResponse, routeReplyTemplate, streamedBodyReply } from "#extproc";
import { plain } from "./arbitraries.ts";
import { readBack, referenceResponse, responseType } from "./reference.ts";

const directions = ["request", "response"] as const;

describe("streamedBodyReply", () => {
  it("is the message that protobufjs reads, for every length around a longer length prefix", () => {
    const lengths = [0, 1, 126, 127, 128, 216, 16_370, 16_383, 16_384, 70_000];
    for (let length = 100; length < 128; length++) lengths.push(length);
    for (const length of lengths) {
      for (const direction of directions) {
        for (const endOfStream of [false, true]) {
          const body = Buffer.alloc(length, "x");
          const payload = streamedBodyReply(direction, body, endOfStream);
          const want = referenceResponse({
            kind: "body",
            direction,
            common: { body: { kind: "streamed", body, endOfStream } },
          });
          expect(readBack(responseType, Buffer.concat(payload))).toEqual(readBack(responseType, want));
        }
      }
    }
  });

  it("gives the same message again, whatever was sent in between", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            direction: fc.constantFrom(...directions),
            length: fc.nat({ max: 3000 }),
            endOfStream: fc.boolean(),
          }),
        ),
        (chunks) => {
          for (const { direction, length, endOfStream } of chunks) {
            const body = Buffer.alloc(length, "x");
            const reply = Buffer.concat(streamedBodyReply(direction, body, endOfStream));
            expect(plain(decodeProcessingResponse(reply))).toEqual(
              plain({ kind: "body", direction, common: { body: { kind: "streamed", body, endOfStream } } }),
            );
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it("does not copy the body", () => {
    const body = Buffer.from("data: {}\n\n");
    expect(streamedBodyReply("response", body, false)[1]).toBe(body);
    expect(streamedBodyReply("response", body, true)[1]).toBe(body);
    expect(streamedBodyReply("response", Buffer.alloc(0), true)).toHaveLength(1);
  });
});

describe("continueReply", () => {
  it.each(["headers", "body", "trailers"] as const)("changes nothing in reply to %s", (kind) => {
    for (const direction of directions) {
      const reply = continueReply(kind, direction);
      expect(decodeProcessingResponse(reply)).toEqual(
        kind === "trailers" ? { kind, direction } : { kind, direction, common: {} },
      );
      expect(Object.keys(responseType.toObject(responseType.decode(reply)))).toEqual([
        `${direction}${kind[0]?.toUpperCase()}${kind.slice(1)}`,
      ]);
    }
  });
});

describe("routeReplyTemplate", () => {
  it("names the endpoint in header and metadata", () => {
    const reply = routeReplyTemplate({
      destination: "[fd00::5]:8000",
      removeHeaders: ["x-a", "x-b"],
      clearRouteCache: true,
    });
    expect(decodeProcessingResponse(reply)).toEqual({
      kind: "headers",
      direction: "request",
      common: {
        headers: { set: [{ name: "x-gateway-destination-endpoint", value: "[fd00::5]:8000" }], remove: ["x-a", "x-b"] },
        clearRouteCache: true,
      },
      dynamicMetadata: { "envoy.lb": { "x-gateway-destination-endpoint": "[fd00::5]:8000" } },
    });
  });

  it("leaves the route cache alone unless asked", () => {
    const reply = routeReplyTemplate({ destination: "10.0.0.5:8000", removeHeaders: [], clearRouteCache: false });
    expect(readBack(responseType, reply)).toMatchObject({ requestHeaders: { response: { clearRouteCache: false } } });
  });
});
