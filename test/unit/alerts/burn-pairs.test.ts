import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { ServiceLevel } from "#objective";
import { parseDuration } from "#units";
import { AlertPeriodError, burnPairs } from "../../../alerts/burn-pairs.ts";
import { defaultAlertOptions } from "../../../alerts/options.ts";

const level = (target: number, period: string): ServiceLevel => ({
  thresholds: { e2eMs: 1000 },
  target,
  periodMs: parseDuration(period)!,
  sheddedAs: "missed",
});
const ms = (text: string): number => parseDuration(text)!;
const hours = (pairs: ReturnType<typeof burnPairs>) =>
  pairs.map(({ urgency, burn, longMs, shortMs, threshold }) => [
    `${urgency} ${burn}`,
    longMs / ms("1h"),
    shortMs / ms("1m"),
    threshold,
  ]);

describe("burnPairs", () => {
  it.each([
    [
      "30 days",
      level(0.999, "30d"),
      [
        ["page fast", 1, 5, 0.0144],
        ["page slow", 6, 30, 0.006],
        ["ticket fast", 24, 120, 0.003],
        ["ticket slow", 72, 360, 0.001],
      ],
    ],
    [
      "28 days, where the slow ticket is held at a burn rate of 1",
      level(0.99, "28d"),
      [
        ["page fast", 1, 5, 0.1344],
        ["page slow", 6, 30, 0.056],
        ["ticket fast", 24, 120, 0.028],
        ["ticket slow", 72, 360, 0.01],
      ],
    ],
    [
      "7 days: shorter windows, none below four scrapes",
      level(0.99, "7d"),
      [
        ["page fast", 0.25, 2, 0.1344],
        ["page slow", 1.5, 10, 0.056],
        ["ticket fast", 6, 30, 0.028],
        ["ticket slow", 18, 90, 0.01],
      ],
    ],
    [
      "a target at which the fast page is lowered",
      level(0.9, "28d"),
      [
        ["page fast", 1, 5, 0.8],
        ["page slow", 6, 30, 0.56],
        ["ticket fast", 24, 120, 0.28],
        ["ticket slow", 72, 360, 0.1],
      ],
    ],
    [
      "a target at which it is left out",
      level(0.8, "28d"),
      [
        ["page slow", 6, 30, 0.8],
        ["ticket fast", 24, 120, 0.56],
        ["ticket slow", 72, 360, 0.2],
      ],
    ],
    [
      "a period too short for the fast windows",
      level(0.99, "12h"),
      [
        ["page slow", 1 / 12, 2, 0.072],
        ["ticket fast", 1 / 3, 2, 0.036],
        ["ticket slow", 1, 5, 0.012],
      ],
    ],
  ] as const)("%s", (_, given, want) => {
    expect(hours(burnPairs(given, defaultAlertOptions))).toEqual(want);
  });

  it("states the share of the budget that the threshold really spends", () => {
    const [fast, slow] = burnPairs(level(0.9, "28d"), defaultAlertOptions);
    // 0.8 / 0.1 = 8 times the budget for 1 of 672 hours.
    expect(fast?.budgetShare).toBeCloseTo(8 / 672, 6);
    expect(slow?.budgetShare).toBeCloseTo(0.05, 6);
  });

  it("refuses a period that cannot be alerted on, naming one that can", () => {
    expect(() => burnPairs(level(0.99, "20m"), defaultAlertOptions)).toThrow(AlertPeriodError);
    expect(() => burnPairs(level(0.99, "20m"), defaultAlertOptions)).toThrow(/20m.*30s.*about 40m/);
    expect(() => burnPairs(level(0.99, "40m"), defaultAlertOptions)).not.toThrow();
  });

  const levels = fc.record({
    target: fc.double({ min: 0.001, max: 0.999999, noNaN: true }),
    periodMs: fc.integer({ min: ms("40m"), max: ms("90d") }),
  });

  it("has, for every level, conditions that an outage meets and that spending the budget evenly does not", () => {
    fc.assert(
      fc.property(levels, ({ target, periodMs }) => {
        const pairs = burnPairs({ ...level(target, "1d"), periodMs }, defaultAlertOptions);
        for (const { threshold, longMs, shortMs, urgency } of pairs) {
          expect(threshold).toBeLessThanOrEqual(0.8);
          expect(threshold).toBeGreaterThanOrEqual(Math.min(0.8, (1 - target) * 0.99999));
          expect(longMs).toBeGreaterThanOrEqual(2 * shortMs);
          expect(shortMs).toBeGreaterThanOrEqual(4 * defaultAlertOptions.scrapeIntervalMs);
          expect(["page", "ticket"]).toContain(urgency);
        }
        expect(pairs.at(-1)).toMatchObject({ urgency: "ticket" });
      }),
    );
  });

  it("has a page for every level of a day and more", () => {
    fc.assert(
      fc.property(levels, ({ target, periodMs }) => {
        const pairs = burnPairs({ ...level(target, "1d"), periodMs: periodMs + ms("1d") }, defaultAlertOptions);
        expect(pairs.some(({ urgency }) => urgency === "page")).toBe(true);
      }),
    );
  });
});
