import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { ColdStarts } from "../../../../../picker/flow/refusal/cold-start.ts";

/** A pool that loses its last endpoint and has one again after each of the given times, with a request waiting at once. */
function learned(times: readonly number[]): { starts: ColdStarts; nowMs: number } {
  const starts = new ColdStarts();
  let nowMs = 0;
  starts.reachable(1, false, nowMs);
  for (const time of times) {
    nowMs += 1_000_000;
    starts.reachable(0, true, nowMs);
    nowMs += time;
    starts.reachable(1, false, nowMs);
  }
  return { starts, nowMs };
}

describe("ColdStarts", () => {
  it("expects the default until one was seen", () => expect(new ColdStarts().expectedMs()).toBe(60_000));

  it.each([
    { name: "one", times: [42_000], want: 42_000 },
    { name: "the mean of two", times: [40_000, 50_000], want: 45_000 },
    { name: "the middle, whatever the outlier", times: [40_000, 45_000, 3_600_000], want: 45_000 },
    { name: "the last nine", times: [1, 1, 1, 1, 1, 1, 9, 9, 9, 9, 9, 9, 9, 9, 9], want: 9 },
  ])("remembers $name", ({ times, want }) => expect(learned(times).starts.expectedMs()).toBe(want));

  it("times from the first request that wanted an endpoint, not from the scale-down hours before", () => {
    const starts = new ColdStarts();
    starts.reachable(3, false, 0);
    starts.reachable(0, false, 1000);
    starts.wanted(7_200_000);
    starts.wanted(7_210_000);
    starts.reachable(1, true, 7_230_000);
    expect(starts.expectedMs()).toBe(30_000);
  });

  it("does not learn from a start that nobody waited for, nor from the pool it began with", () => {
    const starts = new ColdStarts();
    starts.wanted(0);
    starts.reachable(0, true, 0);
    starts.reachable(1, true, 500);
    starts.reachable(0, false, 1000);
    starts.reachable(1, false, 9000);
    expect(starts.expectedMs()).toBe(60_000);
  });

  it("times one start once, however often it is told of it", () => {
    const { starts, nowMs } = learned([]);
    starts.reachable(0, true, nowMs);
    starts.reachable(0, true, nowMs + 5000);
    starts.reachable(1, true, nowMs + 8000);
    starts.reachable(2, true, nowMs + 9000);
    expect(starts.expectedMs()).toBe(8000);
  });

  it.each([
    { name: "at the beginning", elapsed: 0, want: 40_000 },
    { name: "in the middle", elapsed: 15_000, want: 25_000 },
    { name: "past the shorter ones", elapsed: 45_000, want: 45_000 },
    { name: "past them all", elapsed: 120_000, want: 60_000 },
  ])("says what is left $name", ({ elapsed, want }) => {
    const { starts, nowMs } = learned([30_000, 40_000, 90_000]);
    starts.reachable(0, true, nowMs + 10);
    expect(starts.remainingMs(nowMs + 10 + elapsed)).toBe(want);
  });

  it("never has less than nothing left, and expects a whole start while nobody waits", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200_000), { maxLength: 20 }), fc.nat(1_000_000), (times, elapsed) => {
        const { starts, nowMs } = learned(times);
        expect(starts.remainingMs(nowMs + elapsed)).toBeGreaterThanOrEqual(0);
        starts.reachable(0, true, nowMs);
        expect(starts.remainingMs(nowMs + elapsed)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
