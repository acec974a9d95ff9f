import { describe, expect, it } from "@jest/globals";
import { exponential, seededRandom, type Random } from "#random";
import { RateWindow } from "../../../../../picker/flow/refusal/rate-window.ts";

const settings = {
  bucketMs: 1000,
  windowMs: 30_000,
  longestMs: 600_000,
  minEvents: 16,
  leastElapsedMs: 0,
  agreement: 4,
};

/** Events of a Poisson process. @returns the instant after the last of them */
function happen(window: RateWindow, perMs: number, fromMs: number, forMs: number, random: Random): number {
  for (let ms = fromMs + exponential(random) / perMs; ms < fromMs + forMs; ms += exponential(random) / perMs) {
    window.add(ms, 10);
  }
  return fromMs + forMs;
}

const seeds = Array.from({ length: 40 }, (_, seed) => seed);

describe("RateWindow", () => {
  it("knows nothing before its clock has moved", () => {
    expect(new RateWindow(settings, 5).rates(5)).toBeUndefined();
  });

  it("measures a steady rate over much more than its window, and never over more than its longest", () => {
    const measured = seeds.map((seed) => {
      const window = new RateWindow(settings, 0);
      return window.rates(happen(window, 0.01, 0, 2_000_000, seededRandom(seed)))!;
    });
    const steady = measured.filter(({ measuredMs }) => measuredMs > 300_000);
    expect(steady.length).toBeGreaterThan(seeds.length / 2);
    for (const { measuredMs, requestsPerMs, tokensPerMs } of measured) {
      expect(measuredMs).toBeLessThan(settings.longestMs + 5 * settings.bucketMs);
      expect(tokensPerMs).toBeCloseTo(10 * requestsPerMs, 9);
    }
    const meanSquare = steady.reduce((sum, { requestsPerMs }) => sum + (requestsPerMs / 0.01 - 1) ** 2, 0);
    expect(Math.sqrt(meanSquare / steady.length)).toBeLessThan(0.025);
  });

  it("measures a rate that changed from its change on", () => {
    for (const seed of seeds) {
      const random = seededRandom(seed);
      const window = new RateWindow(settings, 0);
      const changedMs = happen(window, 0.01, 0, 600_000, random);
      const { measuredMs, requestsPerMs } = window.rates(happen(window, 0.02, changedMs, 60_000, random))!;
      expect(measuredMs).toBeLessThan(100_000);
      expect(Math.abs(requestsPerMs / 0.02 - 1)).toBeLessThan(0.25);
    }
  });

  it("knows how wrong it may be", () => {
    const offBy = seeds.map((seed) => {
      const window = new RateWindow({ ...settings, longestMs: 30_000 }, 0);
      const rates = window.rates(happen(window, 0.01, 0, 200_000, seededRandom(seed)))!;
      return (rates.requestsPerMs - 0.01) / Math.sqrt(rates.variancePerMs / rates.measuredMs);
    });
    const meanSquare = offBy.reduce((sum, off) => sum + off * off, 0) / offBy.length;
    expect(meanSquare).toBeGreaterThan(0.4);
    expect(meanSquare).toBeLessThan(2);
  });

  it("is as sure as the variance it is told of", () => {
    const window = new RateWindow(settings, 0);
    for (let ms = 1000; ms <= 20_000; ms += 1000) window.add(ms, 1, 4);
    expect(window.rates(20_000)!.variancePerMs).toBeCloseTo(0.004, 9);
    expect(window.rates(20_000, 20)!.variancePerMs).toBeCloseTo(0.005, 9);
  });

  it("sees a rate fall as nothing happens", () => {
    const window = new RateWindow(settings, 0);
    for (let ms = 50; ms <= 300_000; ms += 50) window.add(ms, 1);
    let before = window.rates(300_000)!.requestsPerMs;
    for (let ms = 303_000; ms <= 420_000; ms += 3000) {
      const now = window.rates(ms)!.requestsPerMs;
      expect(now).toBeLessThan(before);
      before = now;
    }
    expect(before).toBeLessThan(0.001);
  });
});
