import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  defineCounter,
  defineGauge,
  defineHistogram,
  MetricRegistry,
  negotiateExposition,
  renderOpenMetrics,
  renderText,
} from "#metrics";
import { samplesOf } from "./text-parser.ts";

const described = { stability: "beta", owner: "picker" } as const;
const load = defineGauge({
  ...described,
  name: "attain_load",
  unit: "none",
  help: "A load.",
  labels: ["pool", "endpoint"],
});
const busy = defineCounter({
  ...described,
  name: "attain_busy_seconds_total",
  unit: "seconds",
  help: "Busy.",
  labels: [],
});
const foreign = defineCounter({
  ...described,
  name: "vllm:things",
  unit: "none",
  help: 'A "\\" and\na line.',
  labels: [],
});
const size = defineHistogram({
  ...described,
  name: "attain_size",
  unit: "none",
  help: "Sizes.",
  labels: [],
  edges: [0, 0.00001, 1, 5000, 1_000_000],
});

const filled = (fill: (registry: MetricRegistry) => void): MetricRegistry => {
  const registry = new MetricRegistry();
  fill(registry);
  return registry;
};

/** Text made of the characters that formats trip over, and of any other. */
const anyValue = fc
  .array(fc.oneof(fc.constantFrom('"', "\\", "\n", "{", "}", ",", "=", "n", " "), fc.string({ unit: "grapheme" })))
  .map((parts) => parts.join(""));

describe("both formats", () => {
  it.each([
    { name: "text", render: renderText },
    { name: "OpenMetrics", render: renderOpenMetrics },
  ])("carry any label value through: $name", ({ render }) => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(anyValue, anyValue), { selector: (pair) => JSON.stringify(pair), maxLength: 8 }),
        (pairs) => {
          const registry = filled((it) =>
            pairs.forEach(([pool, endpoint], i) => it.gauge(load, { pool, endpoint }).set(i)),
          );
          const read = samplesOf(render(registry)).map(({ labels, value }) =>
            JSON.stringify([labels["pool"], labels["endpoint"], Number(value)]),
          );
          const written = pairs.map(([pool, endpoint], i) => JSON.stringify([pool, endpoint, i]));
          expect(read.toSorted()).toEqual(written.toSorted());
        },
      ),
    );
  });

  it("do not depend on the order in which series were made", () => {
    const values = ["b", "a", "c"].map((pool) => ({ pool, endpoint: "e" }));
    const page = (order: typeof values): string =>
      renderText(
        filled((registry) => {
          for (const labels of order) registry.gauge(load, labels).set(labels.pool.charCodeAt(0));
          registry.counter(busy);
        }),
      );
    expect(page(values)).toBe(page(values.toReversed()));
    expect(samplesOf(page(values)).map(({ labels }) => labels["pool"])).toEqual([undefined, "a", "b", "c"]);
  });

  it("write a lone surrogate as the replacement character", () =>
    expect(renderText(filled((registry) => registry.gauge(load, { pool: "\uD800", endpoint: "e" }).set(1)))).toContain(
      'pool="\uFFFD"',
    ));

  it.each([
    { value: Infinity, text: "+Inf" },
    { value: -Infinity, text: "-Inf" },
    { value: 0.1 + 0.2, text: "0.30000000000000004" },
    { value: 1e21, text: "1e+21" },
    { value: -0, text: "0" },
  ])("write $text", ({ value, text }) =>
    expect(
      samplesOf(renderText(filled((registry) => registry.gauge(load, { pool: "p", endpoint: "e" }).set(value))))[0]
        ?.value,
    ).toBe(text),
  );
});

describe("renderText", () => {
  it("is empty for an empty registry", () => expect(renderText(new MetricRegistry())).toBe(""));

  it("escapes help without touching quotes", () =>
    expect(renderText(filled((registry) => registry.counter(foreign)))).toBe(
      '# HELP vllm:things A "\\\\" and\\na line.\n# TYPE vllm:things counter\nvllm:things 0\n',
    ));

  it("writes edges as Go does", () => {
    const page = renderText(filled((registry) => registry.histogram(size)));
    const edges = samplesOf(page).flatMap(({ labels }) => labels["le"] ?? []);
    expect(edges).toEqual(["0", "1e-05", "1", "5000", "1e+06", "+Inf"]);
  });
});

describe("renderOpenMetrics", () => {
  it("is its end mark for an empty registry", () => expect(renderOpenMetrics(new MetricRegistry())).toBe("# EOF\n"));

  it("names a counter's family without _total and gives its unit", () =>
    expect(renderOpenMetrics(filled((registry) => registry.counter(busy).add(1.5)))).toBe(
      "# HELP attain_busy_seconds Busy.\n# TYPE attain_busy_seconds counter\n# UNIT attain_busy_seconds seconds\n" +
        "attain_busy_seconds_total 1.5\n# EOF\n",
    ));

  it("calls a counter without _total unknown, and escapes quotes in help", () =>
    expect(renderOpenMetrics(filled((registry) => registry.counter(foreign)))).toBe(
      '# HELP vllm:things A \\"\\\\\\" and\\na line.\n# TYPE vllm:things unknown\nvllm:things 0\n# EOF\n',
    ));

  it("writes whole edges with a fraction", () => {
    const page = renderOpenMetrics(filled((registry) => registry.histogram(size)));
    const edges = samplesOf(page).flatMap(({ labels }) => labels["le"] ?? []);
    expect(edges).toEqual(["0.0", "1e-05", "1.0", "5000.0", "1e+06", "+Inf"]);
  });
});

describe("negotiateExposition", () => {
  const plain = "text/plain; version=0.0.4; charset=utf-8";
  const open = "application/openmetrics-text; version=1.0.0; charset=utf-8";

  it.each([
    { name: "no header", accept: undefined, want: plain },
    { name: "an empty header", accept: "", want: plain },
    { name: "a browser", accept: "text/html,application/xhtml+xml,*/*;q=0.8", want: plain },
    { name: "curl", accept: "*/*", want: plain },
    {
      name: "Prometheus 2",
      accept:
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      want: open,
    },
    {
      name: "Prometheus 3",
      accept:
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.2",
      want: open,
    },
    { name: "text by quality", accept: "application/openmetrics-text;q=0.3, text/plain;q=0.5", want: plain },
    { name: "the first of equals", accept: "application/openmetrics-text, text/plain", want: open },
    { name: "a quoted version in capitals", accept: 'Application/OpenMetrics-Text; Version="1.0.0"', want: open },
    { name: "a version that does not exist", accept: "application/openmetrics-text;version=9.0.0", want: plain },
    { name: "a format that is refused", accept: "application/openmetrics-text;q=0, text/*;q=0.1", want: plain },
    { name: "protobuf only", accept: "application/vnd.google.protobuf", want: plain },
    { name: "a quality that is no number", accept: "application/openmetrics-text;q=high", want: plain },
  ])("answers $name", ({ accept, want }) => expect(negotiateExposition(accept).contentType).toBe(want));

  it("renders what the collectors just set", async () => {
    const registry = new MetricRegistry();
    registry.onCollect(() => registry.gauge(load, { pool: "p", endpoint: "e" }).set(7));
    const pageFor = async (accept: string | undefined): Promise<string> =>
      (await negotiateExposition(accept).render(registry, async () => {})).toString();
    expect(await pageFor(undefined)).toContain('{pool="p",endpoint="e"} 7\n');
    expect(await pageFor("application/openmetrics-text")).toMatch(/# EOF\n$/);
  });

  it("pauses every few hundred samples, and shows one instant whatever happens meanwhile", async () => {
    const registry = new MetricRegistry();
    const gauges = Array.from({ length: 10_000 }, (_, i) => registry.gauge(load, { pool: "p", endpoint: `e${i}` }));
    for (const gauge of gauges) gauge.set(1);
    const whole = renderText(registry);
    let pauses = 0;
    const page = await negotiateExposition(undefined).render(registry, async () => {
      if (pauses++ > 0) return;
      for (const gauge of gauges) gauge.set(2);
      registry.remove(load, { endpoint: "e5" });
      registry.gauge(load, { pool: "p", endpoint: "another" }).set(3);
    });
    expect(page.toString()).toBe(whole);
    expect(pauses).toBeGreaterThanOrEqual(20);
  });

  it("does not pause within a small page, however many families it has", async () => {
    const registry = new MetricRegistry();
    for (const endpoint of ["a", "b"]) registry.gauge(load, { pool: "p", endpoint }).set(1);
    registry.counter(busy).add(1);
    registry.histogram(size).observe(1);
    let pauses = 0;
    await negotiateExposition(undefined).render(registry, async () => void pauses++);
    expect(pauses).toBe(1);
  });

  it("keeps series in the order of their labels, however they come and go", () => {
    const registry = new MetricRegistry();
    const endpoints = ["m", "c", "x", "a", "k"];
    for (const endpoint of endpoints) registry.gauge(load, { pool: "p", endpoint }).set(1);
    registry.remove(load, { endpoint: "k" });
    for (const endpoint of ["b", "z"]) registry.gauge(load, { pool: "p", endpoint }).set(1);
    expect(registry.values(load).map(({ labels }) => labels.endpoint)).toEqual(["a", "b", "c", "m", "x", "z"]);
  });
});
