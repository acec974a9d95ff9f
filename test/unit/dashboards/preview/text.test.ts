import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { numberText } from "../../../../dashboards/preview/number-text.ts";
import { instantsOf, legendOf, onGrid } from "../../../../dashboards/preview/sampled.ts";
import { substitute } from "../../../../dashboards/preview/substitute.ts";
import { clockText, linearTicks, logTicks, timeTicks } from "../../../../dashboards/preview/ticks.ts";
import type { Unit } from "../../../../dashboards/unit.ts";

describe("substitute", () => {
  const given = {
    variables: { pool: "a|b", quantile: "0.9" },
    rangeMs: 900_000,
    intervalMs: 5000,
    rateIntervalMs: 20_000,
  };
  it.each([
    ["rate(x[$__rate_interval])", "rate(x[20s])"],
    ["avg_over_time(x[$__interval])", "avg_over_time(x[5s])"],
    ["increase(x[$__range])", "increase(x[15m])"],
    ['x{pool=~"$pool",objective=~"$objective"}', 'x{pool=~"a|b",objective=~".*"}'],
    ["histogram_quantile($quantile, x)", "histogram_quantile(0.9, x)"],
  ])("%s", (text, want) => expect(substitute(text, given)).toBe(want));
});

describe("legendOf", () => {
  it.each([
    ["{{objective}}", { objective: "chat" }, "chat"],
    ["{{endpoint}} {{reason}}", { endpoint: "e", reason: "timeout" }, "e timeout"],
    ["{{gone}}!", {}, "!"],
    ["p99", { le: "1" }, "p99"],
  ])("%s", (template, labels, want) => expect(legendOf(template, labels)).toBe(want));
});

describe("numberText", () => {
  it.each<[number, Unit, number | undefined, string]>([
    [0, "seconds", undefined, "0 s"],
    [0.000_25, "seconds", undefined, "250 µs"],
    [0.0125, "seconds", undefined, "12.5 ms"],
    [1.234, "seconds", 1, "1.2 s"],
    [90, "seconds", undefined, "1.5 min"],
    [7200, "seconds", undefined, "2 h"],
    [0.9876, "ratio", 2, "98.76 %"],
    [1536, "bytes", undefined, "1.5 KiB"],
    [12_345, "count", undefined, "12.3 k"],
    [3, "count", undefined, "3"],
    [3.21, "requests/s", 1, "3.2 req/s"],
    [Number.NaN, "count", undefined, "–"],
    [Infinity, "times", undefined, "–"],
  ])("%p %s with %p places", (value, unit, places, want) => expect(numberText(value, unit, places)).toBe(want));
});

describe("ticks", () => {
  it("are round, inside, evenly spaced, and not too many", () => {
    const range = fc.tuple(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
    );
    fc.assert(
      fc.property(range, fc.constantFrom<2 | 10>(2, 10), ([least, span], base) => {
        const ticks = linearTicks(least, least + span, { count: 4, base });
        expect(ticks.length).toBeGreaterThan(0);
        expect(ticks.length).toBeLessThanOrEqual(5);
        for (const tick of ticks) {
          expect(tick).toBeGreaterThanOrEqual(least - span * 1e-6);
          expect(tick).toBeLessThanOrEqual(least + span * (1 + 1e-6));
        }
      }),
    );
  });

  it.each([
    [linearTicks(0, 1, { count: 4, base: 10 }), [0, 0.25, 0.5, 0.75, 1]],
    [linearTicks(0, 300 * 2 ** 20, { count: 4, base: 2 }), [0, 128 * 2 ** 20, 256 * 2 ** 20]],
    [logTicks(0.1, 100), [0.1, 1, 10, 100]],
    [timeTicks(100, 400, 6), [120, 180, 240, 300, 360]],
  ])("%#", (ticks, want) => expect(ticks).toEqual(want));

  it.each([
    [0, "00:00"],
    [3661, "01:01:01"],
  ])("the clock at %p", (at, want) => expect(clockText(at)).toBe(want));
});

describe("onGrid", () => {
  const grid = { fromSeconds: 100, toSeconds: 120, stepSeconds: 5 };
  it("has every instant, both ends included", () => expect(instantsOf(grid)).toEqual([100, 105, 110, 115, 120]));

  it("keeps gaps, and takes what is no number for one", () => {
    const points = [
      [100, 1],
      [105, Number.NaN],
      [115, 3],
      [120, Infinity],
      [125, 9],
    ] as const;
    expect(onGrid({ labels: {}, points }, grid)).toEqual([1, null, null, 3, null]);
  });
});
