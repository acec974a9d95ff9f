import { describe, expect, it } from "@jest/globals";
import { decodeProcessingResponse } from "#extproc";
import { RouteReplies } from "../../../../picker/extproc/replies.ts";

const first = `00-${"1".repeat(32)}-${"2".repeat(16)}-01`;
const second = `00-${"3".repeat(32)}-${"4".repeat(16)}-00`;
const route = { destination: "10.0.0.1:8000", scores: undefined };
const scored = { ...route, scores: { "10.0.0.1:8000": 1 } };

function headersOf(reply: Buffer) {
  const decoded = decodeProcessingResponse(reply);
  if (decoded.kind !== "headers" && decoded.kind !== "body") throw new Error(decoded.kind);
  return decoded.common.headers;
}

describe("the trace context in a route reply", () => {
  it.each([
    { name: "template", of: route },
    { name: "with scores", of: scored },
  ])("is each request's own: $name", ({ of }) => {
    const replies = new RouteReplies({ stripsControlHeaders: true });
    for (const replyTo of ["headers", "body"] as const) {
      const made = [first, second].map((traceparent) => replies.of(of, replyTo, { traceparent, isRoot: false }));
      for (const [i, traceparent] of [first, second].entries()) {
        expect(headersOf(made[i]!)?.set).toEqual([
          { name: "x-gateway-destination-endpoint", value: route.destination },
          { name: "traceparent", value: traceparent },
        ]);
      }
    }
  });

  it("is not in the reply of a request without one, before or after", () => {
    const replies = new RouteReplies({ stripsControlHeaders: true });
    const before = replies.of(route, "headers");
    replies.of(route, "headers", { traceparent: first, isRoot: true });
    expect(replies.of(route, "headers")).toBe(before);
    expect(before.includes("traceparent")).toBe(false);
  });

  it.each([
    { isRoot: true, strips: true, removes: true },
    { isRoot: true, strips: false, removes: true },
    { isRoot: false, strips: true, removes: false },
    { isRoot: false, strips: false, removes: false },
  ])(
    "a state goes where the trace begins here: root $isRoot, control headers removed $strips",
    ({ isRoot, strips, removes }) => {
      const replies = new RouteReplies({ stripsControlHeaders: strips });
      const remove = headersOf(replies.of(route, "headers", { traceparent: first, isRoot }))?.remove ?? [];
      expect(remove.includes("tracestate")).toBe(removes);
      expect(remove.includes("x-llm-d-inference-objective")).toBe(strips);
      expect(remove).not.toContain("baggage");
    },
  );
});
