import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { seededRandom } from "#random";
import {
  defaultRetryAfterSettings,
  retryAfterSeconds,
  waitOf,
} from "../../../../../picker/flow/refusal/retry-after.ts";

const least = () => 0;
const middle = () => 0.5;
const most = () => 1 - Number.EPSILON;

describe("retryAfterSeconds", () => {
  it.each([
    { name: "at least two seconds", waitMs: 1, random: middle, want: 2 },
    { name: "no wait", waitMs: 0, random: middle, want: 2 },
    { name: "the nearest whole second, below", waitMs: 3499, random: middle, want: 3 },
    { name: "the nearest whole second, above", waitMs: 3501, random: middle, want: 4 },
    { name: "earlier by half the jitter", waitMs: 10_000, random: least, want: 9 },
    { name: "later by half the jitter", waitMs: 10_000, random: most, want: 11 },
    { name: "unknown", waitMs: undefined, random: middle, want: 5 },
    { name: "capped", waitMs: 3_600_000, random: least, want: 60 },
    { name: "for ever", waitMs: Infinity, random: least, want: 60 },
    { name: "capped, with jitter below the cap", waitMs: Infinity, random: most, want: 48 },
    { name: "the cap itself", waitMs: 60_000, random: middle, want: 60 },
  ])("$name: $want", ({ waitMs, random, want }) => {
    expect(retryAfterSeconds(waitMs, random)).toBe(want);
  });

  it("is a whole number of seconds from 2 to the cap, within half the jitter and half a second of the wait", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 200_000, noNaN: true }), fc.nat(), (waitMs, seed) => {
        const { maxSeconds, jitter } = defaultRetryAfterSettings;
        const seconds = retryAfterSeconds(waitMs, seededRandom(seed));
        const wait = waitMs / 1000;
        expect(Number.isInteger(seconds)).toBe(true);
        expect(seconds).toBeGreaterThanOrEqual(2);
        expect(seconds).toBeLessThanOrEqual(maxSeconds);
        expect(seconds).toBeLessThanOrEqual(Math.max(2, wait * (1 + jitter / 2) + 0.5));
        if (wait < maxSeconds * 0.9) expect(seconds).toBeGreaterThanOrEqual(wait * (1 - jitter / 2) - 0.5);
      }),
    );
  });

  it("is never beyond a cap below its least value", () => {
    expect(retryAfterSeconds(500, middle, { ...defaultRetryAfterSettings, maxSeconds: 1.5 })).toBe(1);
  });

  it("spreads those refused together", () => {
    const random = seededRandom(3);
    for (const waitMs of [20_000, Infinity]) {
      const seconds = Array.from({ length: 100 }, () => retryAfterSeconds(waitMs, random));
      expect(new Set(seconds).size).toBeGreaterThanOrEqual(4);
    }
  });
});

describe("waitOf", () => {
  const known = (waitMs: number, spreadMs: number) => ({ kind: "known", waitMs, spreadMs, basis: "drain" }) as const;

  it.each([
    { name: "a wait that does not vary", prediction: known(7000, 0), want: 7000 },
    { name: "one that varies a little", prediction: known(10_000, 100), want: 9950 },
    { name: "one that varies by as much as itself", prediction: known(10_000, 10_000), want: 6180 },
    { name: "a turn between bursts", prediction: known(10_000, 1_000_000), want: 100 },
    { name: "no wait", prediction: known(0, 5), want: 0 },
    { name: "for ever", prediction: { kind: "infinite" } as const, want: Infinity },
    { name: "unknown", prediction: { kind: "unknown" } as const, want: undefined },
  ])("$name", ({ prediction, want }) => {
    const waitMs = waitOf(prediction);
    expect(waitMs === undefined || waitMs === Infinity ? waitMs : Math.round(waitMs / 10) * 10).toBe(want);
  });

  it("is over once the wait is no longer than allowed", () => {
    expect(waitOf(known(7000, 0), 5000)).toBe(2000);
    expect(waitOf(known(7000, 300), 5000)).toBe(waitOf(known(2000, 300)));
    expect(waitOf(known(7000, 300), 8000)).toBe(0);
    expect(waitOf({ kind: "infinite" }, 5000)).toBe(Infinity);
  });
});
