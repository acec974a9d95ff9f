import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { defineHistogram, MetricRegistry, renderOpenMetrics, renderText } from "#metrics";
import { readOpenMetrics, type ReadSample } from "../../../support/openmetrics-reader.ts";

const spec = defineHistogram({
  name: "attain_wait_seconds",
  unit: "seconds",
  help: "A wait.",
  labels: ["pool"],
  stability: "beta",
  owner: "picker",
  edges: [0.1, 1],
});
const trace = (digit: string): string => digit.repeat(32);

function setUp() {
  const registry = new MetricRegistry();
  const histogram = registry.histogram(spec, { pool: "p" });
  const seen = (value: number, digit: string, atSeconds = 1_700_000_000): void => {
    histogram.observe(value);
    histogram.attachExemplar({ traceId: trace(digit), value, atSeconds });
  };
  const buckets = (): readonly ReadSample[] =>
    readOpenMetrics(renderOpenMetrics(registry))
      .flatMap(({ samples }) => samples)
      .filter(({ name }) => name.endsWith("_bucket"));
  const shown = () =>
    buckets().map(({ labels, exemplar }) => [labels["le"], exemplar?.labels["trace_id"]?.[0], exemplar?.value]);
  return { registry, histogram, seen, buckets, shown };
}

describe("exemplars", () => {
  it("stand on the bucket of their value, with value and time", () => {
    const { seen, buckets } = setUp();
    seen(0.1, "a", 1_700_000_000.25);
    expect(buckets()[0]).toMatchObject({
      value: 1,
      exemplar: { labels: { trace_id: trace("a") }, value: 0.1, timestamp: 1_700_000_000.25 },
    });
  });

  it("are one a bucket, the newest", () => {
    const { seen, shown } = setUp();
    seen(0.5, "a");
    seen(0.05, "b");
    seen(0.75, "c");
    seen(7, "d");
    expect(shown()).toEqual([
      ["0.1", "b", 0.05],
      ["1.0", "c", 0.75],
      ["+Inf", "d", 7],
    ]);
  });

  it("leave the text format, the counts and the sum alone", () => {
    const [with_, without] = [setUp(), setUp()];
    for (const value of [0.05, 0.5, 5]) {
      with_.seen(value, "a");
      without.histogram.observe(value);
    }
    expect(renderText(with_.registry)).toBe(renderText(without.registry));
    expect(with_.registry.histogramOf(spec)).toEqual(without.registry.histogramOf(spec));
  });

  it.each([{ value: Number.NaN }, { value: -1 }, { value: Infinity }, { value: 0.5 }])(
    "of a value that no bucket counted are ignored: $value",
    ({ value }) => {
      const { histogram, shown } = setUp();
      histogram.observe(0.05);
      histogram.attachExemplar({ traceId: trace("a"), value, atSeconds: 1 });
      expect(shown().filter(([, digit]) => digit !== undefined)).toEqual([]);
    },
  );

  it("go with the buckets they stood on", () => {
    const { registry, seen, shown } = setUp();
    seen(0.5, "a");
    registry.setEdges(spec, [0.4]);
    seen(0.3, "b");
    expect(shown()).toEqual([
      ["0.1", undefined, undefined],
      ["0.4", "b", 0.3],
      ["1.0", undefined, undefined],
      ["+Inf", undefined, undefined],
    ]);
  });

  it("make no page that a strict reader refuses, whatever was seen", () => {
    const value = fc.double({ min: 0, max: 10, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(value, fc.constantFrom("a", "b", "c"))), (values) => {
        const { seen, buckets } = setUp();
        for (const [one, digit] of values) seen(one, digit);
        for (const { exemplar } of buckets()) {
          if (exemplar !== undefined) expect(values.map(([one]) => one)).toContain(exemplar.value);
        }
      }),
    );
  });
});
