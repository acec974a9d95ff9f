import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { baseEdges, defineHistogram, MetricRegistry, quantileOf, renderText, requestMetrics } from "#metrics";
import { samplesOf } from "./text-parser.ts";

const wait = defineHistogram({
  name: "attain_wait_seconds",
  unit: "seconds",
  help: "A wait.",
  labels: ["pool"],
  stability: "beta",
  owner: "picker",
  edges: [0.1, 1, 10],
});
const p = { pool: "p" };

const observed = (values: readonly number[], added: readonly number[] = []): MetricRegistry => {
  const registry = new MetricRegistry();
  registry.setEdges(wait, added);
  const handle = registry.histogram(wait, p);
  for (const value of values) handle.observe(value);
  return registry;
};

const anyEdges = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 40 });

describe("observe", () => {
  it.each([
    { name: "a value equal to an edge belongs to it", values: [0.1, 1, 10], counts: [1, 1, 1, 0], sum: 11.1 },
    { name: "zero is in the first bucket", values: [0], counts: [1, 0, 0, 0], sum: 0 },
    { name: "what is above all edges is counted", values: [10.5], counts: [0, 0, 0, 1], sum: 10.5 },
    { name: "infinity counts and leaves the sum", values: [1, Infinity], counts: [0, 1, 0, 1], sum: 1 },
    { name: "NaN and negative values are ignored", values: [Number.NaN, -1, -Infinity], counts: [0, 0, 0, 0], sum: 0 },
  ])("$name", ({ values, counts, sum }) => {
    const count = counts.reduce((a, b) => a + b);
    expect(observed(values).histogramOf(wait, p)).toEqual({ edges: [0.1, 1, 10], counts, sum, count });
  });

  it("agrees with a direct count for any values and edges, edges included as values", () => {
    fc.assert(
      fc.property(anyEdges, fc.array(fc.double({ min: 0, max: 2e6, noNaN: true })), (edges, values) => {
        const all = [...values, ...edges];
        const samples = samplesOf(renderText(observed(all, edges)));
        for (const { name, labels, value } of samples) {
          if (!name.endsWith("_bucket")) continue;
          const edge = labels["le"] === "+Inf" ? Infinity : Number(labels["le"]);
          expect(Number(value)).toBe(all.filter((one) => one <= edge).length);
        }
        const written = samples.flatMap(({ labels }) => (labels["le"] === undefined ? [] : [Number(labels["le"])]));
        for (const edge of edges) expect(written).toContain(edge === 0 ? 0 : edge);
      }),
    );
  });
});

describe("setEdges", () => {
  it("unites the thresholds with the spec's edges, once each and in order", () => {
    const registry = observed([], [0.25, 1, 0.06, 0.25]);
    expect(registry.histogramOf(wait, p)?.edges).toEqual([0.06, 0.1, 0.25, 1, 10]);
  });

  it("replaces the thresholds that were set before", () => {
    const registry = observed([], [0.25]);
    registry.setEdges(wait, [0.5]);
    expect(registry.histogramOf(wait, p)?.edges).toEqual([0.1, 0.5, 1, 10]);
  });

  it("restarts every histogram of the family at 0 when the edges change, and handles go on", () => {
    const registry = new MetricRegistry();
    const handle = registry.histogram(wait, p);
    const other = registry.histogram(wait, { pool: "q" });
    handle.observe(0.2);
    other.observe(0.2);
    expect(registry.setEdges(wait, [0.25])).toBe(true);
    expect(registry.histogramOf(wait)?.count).toBe(0);
    handle.observe(0.25);
    expect(registry.histogramOf(wait, p)).toEqual({
      edges: [0.1, 0.25, 1, 10],
      counts: [0, 1, 0, 0, 0],
      sum: 0.25,
      count: 1,
    });
  });

  it("keeps the counts when the edges are the same", () => {
    const registry = observed([0.2], [0.25, 0.5]);
    expect(registry.setEdges(wait, [0.5, 0.25, 1])).toBe(false);
    expect(registry.histogramOf(wait, p)?.count).toBe(1);
  });

  it.each([Number.NaN, Infinity, -0.1])("refuses an edge of %p and keeps the counts", (edge) => {
    const registry = observed([0.2]);
    expect(() => registry.setEdges(wait, [edge])).toThrow(
      expect.objectContaining({ data: { code: "METRIC_SPEC", metric: "attain_wait_seconds" } }),
    );
    expect(registry.histogramOf(wait, p)?.count).toBe(1);
  });

  it("takes back the cells of many changes without mixing up series", () => {
    const registry = new MetricRegistry();
    const handles = ["a", "b", "c"].map((pool) => registry.histogram(wait, { pool }));
    fc.assert(
      fc.property(anyEdges, (edges) => {
        const before = registry.histogramOf(wait, { pool: "b" })!.count;
        const restarted = registry.setEdges(wait, edges);
        handles.forEach((handle, i) => handle.observe(i));
        expect(registry.histogramOf(wait, { pool: "b" })!.count).toBe(restarted ? 1 : before + 1);
      }),
    );
    expect(registry.histogramOf(wait, { pool: "b" })!.sum).toBe(registry.histogramOf(wait, { pool: "b" })!.count);
  });
});

describe("base edges", () => {
  it("end TTFT at two minutes and durations at an hour", () => {
    expect(baseEdges.ttft.at(-1)).toBe(120);
    expect(baseEdges.duration.at(-1)).toBe(3600);
    expect(requestMetrics.ttftSeconds.edges).toBe(baseEdges.ttft);
  });
});

describe("histogramOf", () => {
  it("adds up the series that agree, and knows nothing where there is none", () => {
    const registry = new MetricRegistry();
    expect(registry.histogramOf(wait)).toBeUndefined();
    registry.histogram(wait, p).observe(0.5);
    registry.histogram(wait, { pool: "q" }).observe(5);
    expect(registry.histogramOf(wait)).toEqual({ edges: [0.1, 1, 10], counts: [0, 1, 1, 0], sum: 5.5, count: 2 });
    expect(registry.histogramOf(wait, { pool: "r" })).toBeUndefined();
  });
});

describe("quantileOf", () => {
  const of = (edges: readonly number[], counts: readonly number[]) => ({
    edges,
    counts,
    sum: 0,
    count: counts.reduce((a, b) => a + b, 0),
  });

  it.each([
    { name: "is unknown when nothing was counted", histogram: of([1, 2], [0, 0, 0]), q: 0.5, want: undefined },
    { name: "is unknown without edges", histogram: of([], [3]), q: 0.5, want: undefined },
    { name: "is unknown above 1", histogram: of([1], [1, 0]), q: 1.1, want: undefined },
    { name: "is unknown for NaN", histogram: of([1], [1, 0]), q: Number.NaN, want: undefined },
    { name: "interpolates from 0 in the first bucket", histogram: of([1, 2], [4, 0, 0]), q: 0.25, want: 0.25 },
    { name: "interpolates between edges", histogram: of([1, 3], [5, 5, 0]), q: 0.75, want: 2 },
    { name: "takes an edge when the rank fills a bucket", histogram: of([1, 3], [5, 5, 0]), q: 0.5, want: 1 },
    { name: "skips empty buckets", histogram: of([1, 2, 3], [5, 0, 5, 0]), q: 0.6, want: 2.2 },
    { name: "stops at the last edge", histogram: of([1, 2], [1, 0, 9]), q: 0.9, want: 2 },
    { name: "starts at the first bucket with a value", histogram: of([1, 2], [0, 5, 0]), q: 0, want: 1 },
    { name: "ends at the last bucket with a value", histogram: of([1, 2, 3], [5, 5, 0, 0]), q: 1, want: 2 },
  ])("$name", ({ histogram, q, want }) => {
    const found = quantileOf(histogram, q);
    if (want === undefined) expect(found).toBeUndefined();
    else expect(found).toBeCloseTo(want, 12);
  });

  it("never falls as q grows, and lies in the bucket that holds the value of that rank", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, q, r) => {
          const histogram = observed(values).histogramOf(wait, p)!;
          const low = quantileOf(histogram, Math.min(q, r))!;
          const high = quantileOf(histogram, Math.max(q, r))!;
          expect(low).toBeLessThanOrEqual(high);
          const ranked = values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(r * values.length) - 1)]!;
          const edge = histogram.edges.find((one) => ranked <= one)!;
          const start = histogram.edges.findLast((one) => one < edge) ?? 0;
          const found = quantileOf(histogram, r)!;
          expect(found).toBeGreaterThanOrEqual(start - 1e-9);
          expect(found).toBeLessThanOrEqual(edge + 1e-9);
        },
      ),
    );
  });
});
