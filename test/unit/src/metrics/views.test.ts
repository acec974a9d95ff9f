import { describe, expect, it } from "@jest/globals";
import {
  defineCounter,
  defineHistogram,
  MetricRegistry,
  renderOpenMetrics,
  renderText,
  type ViewedFamily,
} from "#metrics";
import { readOpenMetrics } from "../../../support/openmetrics-reader.ts";

const described = { stability: "beta", owner: "picker", help: "A thing." } as const;
const things = defineCounter({ ...described, name: "attain_things_total", unit: "none", labels: ["pool", "kind"] });
const waits = defineHistogram({
  ...described,
  name: "attain_wait_seconds",
  unit: "seconds",
  labels: ["pool", "kind"],
  edges: [1, 2],
});

/** The field's name for `things`, without the kind. */
function view(registry: MetricRegistry): ViewedFamily {
  const series = registry
    .values(things)
    .map(({ labels: { pool }, value }) => ({ labels: { pool }, cells: Float64Array.of(value) }));
  return {
    spec: { name: "other_d_things_total", type: "counter", unit: "none", help: "Seen.", labels: ["pool", "tenant"] },
    series,
  };
}

function setUp() {
  const registry = new MetricRegistry();
  registry.counter(things, { pool: "p", kind: "a" }).add(2);
  registry.counter(things, { pool: "p", kind: "b" }).add(3);
  registry.counter(things, { pool: 'q"', kind: "b" }).add(1);
  return registry;
}

describe("a view", () => {
  it("shows values under its own name, adding up what differs only in labels that it has not", () => {
    const registry = setUp();
    registry.addView(() => [view(registry)]);
    expect(renderText(registry)).toContain(
      "# HELP other_d_things_total Seen.\n# TYPE other_d_things_total counter\n" +
        'other_d_things_total{pool="p"} 5\nother_d_things_total{pool="q\\""} 1\n',
    );
  });

  it("follows the values: it is computed at each rendering and stores none", () => {
    const registry = setUp();
    registry.addView(() => [view(registry)]);
    renderText(registry);
    registry.counter(things, { pool: "p", kind: "a" }).add(10);
    expect(renderText(registry)).toContain('other_d_things_total{pool="p"} 15\n');
    expect(registry.value(things)).toBe(16);
  });

  it("stands among the families in the order of the names, in both formats, until it is taken out", () => {
    const registry = setUp();
    const before = renderText(registry);
    const takeOut = registry.addView(() => [view(registry)]);
    registry.histogram(waits, { pool: "p", kind: "a" });
    expect(readOpenMetrics(renderOpenMetrics(registry)).map(({ name }) => name)).toEqual([
      "attain_things",
      "attain_wait_seconds",
      "other_d_things",
    ]);
    registry.remove(waits, {});
    takeOut();
    expect(renderText(registry)).toBe(before);
  });

  it("adds histograms up bucket by bucket", () => {
    const registry = new MetricRegistry();
    registry.histogram(waits, { pool: "p", kind: "a" }).observe(0.5);
    registry.histogram(waits, { pool: "p", kind: "b" }).observe(1.5);
    registry.addView(() => [
      {
        spec: { name: "other_wait_seconds", type: "histogram", unit: "seconds", help: "Seen.", labels: ["pool"] },
        edges: Float64Array.of(1, 2),
        series: registry.histograms(waits).map(({ labels: { pool }, histogram: { counts, sum } }) => ({
          labels: { pool },
          cells: Float64Array.of(...counts, sum),
        })),
      },
    ]);
    expect(renderText(registry)).toContain(
      'other_wait_seconds_bucket{pool="p",le="1"} 1\nother_wait_seconds_bucket{pool="p",le="2"} 2\n' +
        'other_wait_seconds_bucket{pool="p",le="+Inf"} 2\nother_wait_seconds_sum{pool="p"} 2\nother_wait_seconds_count{pool="p"} 2\n',
    );
  });

  it("leaves out what is unknown, and a family without a known series", () => {
    const registry = new MetricRegistry();
    const spec = { name: "other_level", type: "gauge", unit: "none", help: "Seen.", labels: [] } as const;
    registry.addView(() => [{ spec, series: [{ labels: {}, cells: Float64Array.of(Number.NaN) }] }]);
    expect(renderText(registry)).toBe("");
  });
});
