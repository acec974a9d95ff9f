import { describe, expect, it } from "@jest/globals";
import { headersOf } from "#extproc";
import { RequestTracer, type RequestTracerOptions } from "../../../../picker/tracing/request-tracer.ts";
import type { SpanData } from "../../../../picker/tracing/span.ts";
import { endedRequest, refusedRequest } from "../../../support/ended-request.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const context = (flags: string): string => `00-${traceId}-00f067aa0ba902b7-${flags}`;

function setUp(options: Partial<RequestTracerOptions> = {}) {
  const kept: (readonly SpanData[])[] = [];
  let thrown = 0;
  const tracer = new RequestTracer({
    sampling: { parentBased: true, ratio: 0 },
    propagation: "inject",
    pool: "pool",
    random: () => {
      thrown++;
      return 0.5;
    },
    wallOffsetMs: () => 500,
    keep: (spans) => kept.push(spans) > 0,
    ...options,
  });
  const begin = (traceparent?: string) =>
    tracer.begin(headersOf(traceparent === undefined ? [] : [["traceparent", traceparent]]));
  return { tracer, kept, begin, thrown: () => thrown };
}

describe("the context of the model server", () => {
  it.each([
    {
      name: "sampled root",
      ratio: 1,
      traceparent: undefined,
      want: /^00-80{7}80{7}80{7}80{7}-80{7}80{7}-01$/,
      isRoot: true,
    },
    {
      name: "unsampled root",
      ratio: 0,
      traceparent: undefined,
      want: /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/,
      isRoot: true,
    },
    {
      name: "sampled parent",
      ratio: 0,
      traceparent: context("01"),
      want: /^00-4bf92f3577b34da6a3ce929d0e0e4736-80{7}80{7}-01$/,
      isRoot: false,
    },
    { name: "sampled parent with a random id", ratio: 0, traceparent: context("03"), want: /-03$/, isRoot: false },
  ])("injected: $name", ({ ratio, traceparent, want, isRoot }) => {
    const { begin } = setUp({ sampling: { parentBased: true, ratio } });
    const { outgoing, ids } = begin(traceparent);
    expect(outgoing?.traceparent).toMatch(want);
    expect(outgoing?.isRoot).toBe(isRoot);
    expect(outgoing?.traceparent).toContain(`${ids?.traceId}-${ids?.spanId}`);
  });

  it("is the caller's own where the caller samples nothing: there is no span of ours to hang under", () => {
    expect(setUp().begin(context("00"))).toMatchObject({ outgoing: undefined, ids: undefined });
  });

  it.each([undefined, context("00"), context("01")])("is left alone with passthrough: %s", (traceparent) => {
    const { begin, thrown } = setUp({ propagation: "passthrough" });
    expect(begin(traceparent)).toMatchObject({ outgoing: undefined, ids: undefined });
    // At most the throw of the dice for sampling: ids cost nothing before they are needed.
    expect(thrown()).toBeLessThanOrEqual(1);
  });
});

describe("what is kept", () => {
  it("of a request that was not sampled and met its objective: nothing", () => {
    const { tracer, begin, kept } = setUp();
    expect(tracer.end(begin(), endedRequest())).toBeUndefined();
    expect(kept).toEqual([]);
  });

  it.each(["inject", "passthrough"] as const)(
    "of a sampled request: spans under the caller's trace (%s)",
    (propagation) => {
      const { tracer, begin, kept } = setUp({ propagation });
      const trace = begin(context("01"));
      expect(tracer.end(trace, endedRequest())).toEqual({ traceId, wallOffsetMs: 500 });
      expect(kept[0]?.[0]).toMatchObject({ traceId, parentSpanId: "00f067aa0ba902b7" });
      expect(kept[0]?.[0]?.attributes["attain.kept_by"]).toBe("parent");
      if (propagation === "inject") expect(trace.outgoing?.traceparent).toContain(kept[0]![0]!.spanId);
    },
  );

  it.each([
    { name: "no parent", traceparent: undefined },
    { name: "an unsampled parent", traceparent: context("00") },
  ])("of a request that was refused: spans, with $name", ({ traceparent }) => {
    for (const propagation of ["inject", "passthrough"] as const) {
      const { tracer, begin, kept } = setUp({ propagation });
      const trace = begin(traceparent);
      const found = tracer.end(trace, refusedRequest("no_endpoints", 503));
      expect(found?.traceId).toBe(traceparent === undefined ? "80000000".repeat(4) : traceId);
      expect(kept[0]?.[0]?.attributes["attain.kept_by"]).toBe("outcome");
    }
  });

  it("nothing where there is no room, so that no exemplar leads nowhere", () => {
    const { tracer, begin } = setUp({ keep: () => false });
    expect(tracer.end(begin(context("01")), endedRequest())).toBeUndefined();
  });
});
