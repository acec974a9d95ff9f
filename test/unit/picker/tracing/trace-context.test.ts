import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { newSpanId, newTraceId, parseTraceparent, traceparentOf } from "../../../../picker/tracing/trace-context.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const spanId = "00f067aa0ba902b7";

describe("parseTraceparent", () => {
  it.each([
    { name: "sampled", header: `00-${traceId}-${spanId}-01`, sampled: true, random: false },
    { name: "not sampled", header: `00-${traceId}-${spanId}-00`, sampled: false, random: false },
    { name: "random trace id", header: `00-${traceId}-${spanId}-03`, sampled: true, random: true },
    { name: "flags nobody knows", header: `00-${traceId}-${spanId}-f8`, sampled: false, random: false },
    { name: "a later version", header: `cc-${traceId}-${spanId}-01`, sampled: true, random: false },
    {
      name: "a later version that goes on",
      header: `01-${traceId}-${spanId}-01-what.comes`,
      sampled: true,
      random: false,
    },
  ])("reads $name", ({ header, sampled, random }) => {
    expect(parseTraceparent(header)).toEqual({ traceId, spanId, sampled, random });
  });

  it.each([
    { name: "no header", header: undefined },
    { name: "nothing", header: "" },
    { name: "version 0 that goes on", header: `00-${traceId}-${spanId}-01-more` },
    { name: "a later version that goes on without a dash", header: `01-${traceId}-${spanId}-01x` },
    { name: "the forbidden version", header: `ff-${traceId}-${spanId}-01` },
    { name: "upper case", header: `00-${traceId.toUpperCase()}-${spanId}-01` },
    { name: "no trace", header: `00-${"0".repeat(32)}-${spanId}-01` },
    { name: "no span", header: `00-${traceId}-${"0".repeat(16)}-01` },
    { name: "a short trace id", header: `00-${traceId.slice(1)}-${spanId}-01` },
    { name: "two contexts", header: `00-${traceId}-${spanId}-01,00-${traceId}-${spanId}-01` },
    { name: "other digits", header: `00-${traceId.replace("4", "g")}-${spanId}-01` },
    { name: "a line break", header: `00-${traceId}-${spanId}-01\n` },
  ])("does not take $name", ({ header }) => {
    expect(parseTraceparent(header)).toBeUndefined();
  });

  it("reads what is written, whatever the ids and flags", () => {
    const ratio = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.infiniteStream(ratio), fc.boolean(), fc.boolean(), (stream, sampled, random) => {
        const next = (): number => stream.next().value ?? 0;
        const ids = { traceId: newTraceId(next), spanId: newSpanId(next) };
        expect(parseTraceparent(traceparentOf(ids, { sampled, random }))).toEqual({ ...ids, sampled, random });
      }),
    );
  });
});

describe("new ids", () => {
  it.each([
    { name: "the smallest throws", random: 0, trace: `${"0".repeat(31)}1`, span: `${"0".repeat(15)}1` },
    { name: "the largest throws", random: 1 - Number.EPSILON / 2, trace: "f".repeat(32), span: "f".repeat(16) },
  ])("are whole and valid for $name", ({ random, trace, span }) => {
    expect(newTraceId(() => random)).toBe(trace);
    expect(newSpanId(() => random)).toBe(span);
  });
});
