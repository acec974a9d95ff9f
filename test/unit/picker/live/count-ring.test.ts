import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { CountRing } from "../../../../picker/live/count-ring.ts";

describe("CountRing", () => {
  it("counts since the first sample while it is younger than the window, and says so", () => {
    const ring = new CountRing(61, 1000, [5]);
    expect(ring.increase(3000, 300_000, [9])).toEqual({ by: [4], coveredMs: 2000 });
  });

  it("counts since the newest sample that is as old as the window", () => {
    const ring = new CountRing(10, 0, [0]);
    for (const [atMs, count] of [
      [5000, 1],
      [10_000, 3],
      [15_000, 7],
    ] as const) {
      ring.sample(atMs, [count]);
    }
    expect(ring.increase(15_000, 10_000, [7])).toEqual({ by: [6], coveredMs: 10_000 });
    expect(ring.increase(16_000, 10_000, [8])).toEqual({ by: [7], coveredMs: 11_000 });
    expect(ring.increase(20_001, 10_000, [8])).toEqual({ by: [5], coveredMs: 10_001 });
  });

  it("forgets the oldest sample beyond its slots", () => {
    const ring = new CountRing(3, 0, [0]);
    for (const second of [1, 2, 3]) ring.sample(second * 1000, [second]);
    expect(ring.increase(3000, 10_000, [3])).toEqual({ by: [2], coveredMs: 2000 });
  });

  it.each([
    { name: "a count shrank", counts: [2, 1] },
    { name: "there are more counts", counts: [2, 9, 0] },
    { name: "there are fewer counts", counts: [2] },
  ])("begins again at 0 where $name", ({ counts }) => {
    const ring = new CountRing(10, 0, [0, 0]);
    ring.sample(1000, [2, 9]);
    expect(ring.increase(1500, 10_000, counts)).toEqual({ by: counts, coveredMs: 500 });
    ring.sample(2000, counts);
    expect(ring.increase(2000, 10_000, counts)).toEqual({ by: counts, coveredMs: 1000 });
    expect(ring.steps(10)).toEqual([counts]);
  });

  it("tells the steps between the last samples", () => {
    const ring = new CountRing(10, 0, [1, 0]);
    ring.sample(1000, [4, 0]);
    ring.sample(2000, [4, 2]);
    expect(ring.steps(10)).toEqual([
      [3, 0],
      [0, 2],
    ]);
    expect(ring.steps(1)).toEqual([[0, 2]]);
  });

  it("never counts more than happened, nor less than 0, whatever the window", () => {
    const growth = fc.array(fc.nat(20), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(growth, fc.integer({ min: 2, max: 12 }), fc.nat(60_000), (steps, slots, windowMs) => {
        const ring = new CountRing(slots, 0, [0]);
        let total = 0;
        steps.forEach((step, index) => ring.sample((index + 1) * 1000, [(total += step)]));
        const { by, coveredMs } = ring.increase(steps.length * 1000, windowMs, [total]);
        const covered = steps.slice(steps.length - coveredMs / 1000);
        expect(by).toEqual([covered.reduce((sum, step) => sum + step, 0)]);
        expect(coveredMs).toBeLessThanOrEqual((slots - 1) * 1000);
      }),
    );
  });
});
