import { describe, expect, it } from "@jest/globals";
import {
  defineCounter,
  defineGauge,
  defineHistogram,
  MetricRegistry,
  renderText,
  type CounterSpec,
  type MetricSpec,
} from "#metrics";

const described = { help: "A thing.", stability: "beta", owner: "picker", unit: "none" } as const;
const hits = defineCounter({ ...described, name: "attain_hits_total", labels: ["pool", "endpoint"] });
const load = defineGauge({ ...described, name: "attain_load", labels: ["pool"] });
const bare = defineCounter({ ...described, name: "attain_bare_total", labels: [] });
const wait = defineHistogram({ ...described, name: "attain_wait", labels: ["pool"], edges: [1, 2] });

const p = { pool: "p" };
const withCode = (code: string): unknown => expect.objectContaining({ data: expect.objectContaining({ code }) });

describe("counters", () => {
  it("exist at 0, and are unknown before they exist", () => {
    const registry = new MetricRegistry();
    expect(registry.value(bare)).toBeUndefined();
    registry.counter(bare);
    expect(registry.value(bare)).toBe(0);
  });

  it("are one handle for one set of labels, in whatever order they are written", () => {
    const registry = new MetricRegistry();
    const handle = registry.counter(hits, { pool: "p", endpoint: "e" });
    expect(registry.counter(hits, { endpoint: "e", pool: "p" })).toBe(handle);
    expect(registry.counter(hits, { endpoint: "p", pool: "e" })).not.toBe(handle);
  });

  it("stay exact up to 2^53", () => {
    const registry = new MetricRegistry();
    const handle = registry.counter(bare);
    handle.add(2 ** 53 - 2);
    handle.add();
    expect(registry.value(bare)).toBe(2 ** 53 - 1);
    expect(renderText(registry)).toContain("attain_bare_total 9007199254740991\n");
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])("ignore an increment of %p", (n) => {
    const registry = new MetricRegistry();
    const handle = registry.counter(bare);
    handle.add(3);
    handle.add(n);
    expect(registry.value(bare)).toBe(3);
  });
});

describe("gauges", () => {
  it("hold the last value and move by deltas", () => {
    const registry = new MetricRegistry();
    const handle = registry.gauge(load, p);
    handle.set(5);
    handle.add(-7);
    expect(registry.value(load, p)).toBe(-2);
  });

  it("are absent while their value is unknown", () => {
    const registry = new MetricRegistry();
    const handle = registry.gauge(load, p);
    handle.set(Number.NaN);
    handle.add(1);
    expect(registry.value(load, p)).toBeUndefined();
    expect(renderText(registry)).toBe("");
    handle.set(0);
    expect(registry.value(load, p)).toBe(0);
  });
});

describe("reading", () => {
  const registry = new MetricRegistry();
  registry.counter(hits, { pool: "b", endpoint: "1" }).add(1);
  registry.counter(hits, { pool: "a", endpoint: "2" }).add(10);
  registry.counter(hits, { pool: "a", endpoint: "1" }).add(100);

  it.each([
    { labels: { pool: "a", endpoint: "2" }, sum: 10 },
    { labels: { pool: "a" }, sum: 110 },
    { labels: { endpoint: "1" }, sum: 101 },
    { labels: {}, sum: 111 },
    { labels: { pool: "c" }, sum: undefined },
    { labels: { pool: "c", endpoint: "1" }, sum: undefined },
  ])("adds up the series that agree with $labels", ({ labels, sum }) => expect(registry.value(hits, labels)).toBe(sum));

  it("lists series in the order of their labels", () =>
    expect(registry.values(hits)).toEqual([
      { labels: { pool: "a", endpoint: "1" }, value: 100 },
      { labels: { pool: "a", endpoint: "2" }, value: 10 },
      { labels: { pool: "b", endpoint: "1" }, value: 1 },
    ]));
});

describe("removal", () => {
  it("takes the series that agree and no others", () => {
    const registry = new MetricRegistry();
    for (const pool of ["a", "b"]) for (const endpoint of ["1", "2"]) registry.counter(hits, { pool, endpoint }).add(1);
    expect(registry.remove(hits, { endpoint: "1" })).toBe(2);
    expect(registry.values(hits).map(({ labels }) => labels)).toEqual([
      { pool: "a", endpoint: "2" },
      { pool: "b", endpoint: "2" },
    ]);
    expect(registry.remove(load, p)).toBe(0);
  });

  it("leaves old handles writing where nobody reads", () => {
    const registry = new MetricRegistry();
    const old = registry.counter(hits, { pool: "a", endpoint: "1" });
    old.add(5);
    registry.remove(hits, { endpoint: "1" });
    const next = registry.counter(hits, { pool: "a", endpoint: "1" });
    const other = registry.counter(hits, { pool: "a", endpoint: "2" });
    old.add(7);
    next.add(1);
    other.add(2);
    expect(registry.values(hits).map(({ value }) => value)).toEqual([1, 2]);
  });

  it("gives a reused histogram a clean start", () => {
    const registry = new MetricRegistry();
    const old = registry.histogram(wait, p);
    old.observe(1);
    registry.remove(wait, p);
    registry.histogram(wait, { pool: "q" });
    old.observe(1);
    expect(registry.histogramOf(wait)).toEqual({ edges: [1, 2], counts: [0, 0, 0], sum: 0, count: 0 });
  });
});

describe("refusals", () => {
  it("stops a family at its bound, and makes room by removal", () => {
    const registry = new MetricRegistry({ maxSeriesPerFamily: 2 });
    registry.gauge(load, { pool: "a" });
    registry.gauge(load, { pool: "b" });
    expect(() => registry.gauge(load, { pool: "c" })).toThrow(withCode("METRIC_SERIES_LIMIT"));
    expect(() => registry.gauge(load, { pool: "b" })).not.toThrow();
    registry.remove(load, { pool: "a" });
    expect(() => registry.gauge(load, { pool: "c" })).not.toThrow();
  });

  it("has room for 10000 series by default", () => {
    const registry = new MetricRegistry();
    for (let i = 0; i < 10_000; i++) registry.gauge(load, { pool: String(i) }).set(i);
    expect(() => registry.gauge(load, { pool: "more" })).toThrow(withCode("METRIC_SERIES_LIMIT"));
    expect(registry.value(load, { pool: "9999" })).toBe(9999);
    expect(registry.value(load)).toBe((9999 * 10_000) / 2);
  });

  it("refuses a second spec of one name", () => {
    const registry = new MetricRegistry();
    registry.gauge(load, p);
    expect(() => registry.gauge({ ...load }, p)).toThrow(withCode("METRIC_CONFLICT"));
    expect(() => registry.value({ ...load }, p)).toThrow(withCode("METRIC_CONFLICT"));
  });

  it.each<{ name: string; spec: MetricSpec; ok: boolean }>([
    { name: "a name with colons", spec: { ...bare, name: "vllm:things_total" }, ok: true },
    { name: "a name with a dash", spec: { ...bare, name: "attain-things" }, ok: false },
    { name: "a reserved label", spec: { ...bare, labels: ["__name"] }, ok: false },
    { name: "a label twice", spec: { ...bare, labels: ["a", "a"] }, ok: false },
    { name: "le on a histogram", spec: { ...wait, labels: ["le"] }, ok: false },
    { name: "no edges", spec: { ...wait, labels: [], edges: [] }, ok: false },
    { name: "an infinite edge", spec: { ...wait, labels: [], edges: [1, Infinity] }, ok: false },
    { name: "a negative edge", spec: { ...wait, labels: [], edges: [-1, 1] }, ok: false },
    { name: "equal edges", spec: { ...wait, labels: [], edges: [1, 1] }, ok: false },
  ])("judges $name", ({ spec, ok }) => {
    const labels = Object.fromEntries(spec.labels.map((label) => [label, "x"]));
    const make = (): unknown =>
      spec.type === "histogram"
        ? new MetricRegistry().histogram(spec, labels)
        : new MetricRegistry().counter(spec as CounterSpec, labels);
    if (ok) expect(make).not.toThrow();
    else expect(make).toThrow(withCode("METRIC_SPEC"));
  });
});

describe("collectors", () => {
  it("run in the order of registration, and not after they were taken out", async () => {
    const registry = new MetricRegistry();
    const ran: string[] = [];
    registry.onCollect(async () => {
      await Promise.resolve();
      ran.push("first");
    });
    const takeOut = registry.onCollect(() => void ran.push("second"));
    await registry.collect();
    takeOut();
    await registry.collect();
    expect(ran).toEqual(["first", "second", "first"]);
  });

  it("run once for calls that overlap, and again for the next", async () => {
    const registry = new MetricRegistry();
    const { promise, resolve } = Promise.withResolvers<void>();
    let runs = 0;
    registry.onCollect(() => {
      runs++;
      return promise;
    });
    const both = [registry.collect(), registry.collect()];
    resolve();
    await Promise.all(both);
    expect(runs).toBe(1);
    await registry.collect();
    expect(runs).toBe(2);
  });

  it("pass on a failure and run again afterwards", async () => {
    const registry = new MetricRegistry();
    let failing = true;
    registry.onCollect(() => {
      if (failing) throw new Error("no ledger");
    });
    await expect(registry.collect()).rejects.toThrow("no ledger");
    failing = false;
    await expect(registry.collect()).resolves.toBeUndefined();
  });
});
