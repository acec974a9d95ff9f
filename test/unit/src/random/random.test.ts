import { describe, expect, it } from "@jest/globals";
import { seededRandom } from "#random";
import { systemRandom } from "#shell";
import fc from "fast-check";

const take = (random: () => number, count: number): readonly number[] => Array.from({ length: count }, random);

describe("seededRandom", () => {
  it("gives the recorded numbers", () => {
    expect(take(seededRandom(1), 4)).toEqual([
      0.5636717735324055, 0.5851113414391875, 0.8959073920268565, 0.9463990409858525,
    ]);
  });

  it("gives the same numbers for the same seed and others for another", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (a, b) => {
        fc.pre((a | 0) !== (b | 0));
        expect(take(seededRandom(a), 8)).toEqual(take(seededRandom(a), 8));
        expect(take(seededRandom(a), 8)).not.toEqual(take(seededRandom(b), 8));
      }),
    );
  });

  it("is spread evenly over [0, 1)", () => {
    const buckets = Array.from({ length: 16 }, () => 0);
    for (const value of take(seededRandom(7), 16_000)) {
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThan(1);
      buckets[Math.floor(value * 16)]!++;
    }
    // Chi-square with 15 degrees of freedom: 37.7 is exceeded once in a thousand seeds; this seed is fixed.
    expect(buckets.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(37.7);
  });
});

describe("systemRandom", () => {
  it("stays in [0, 1)", () => {
    for (const value of take(systemRandom, 100)) expect(value >= 0 && value < 1).toBe(true);
  });
});
