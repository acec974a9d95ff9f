import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { seededRandom } from "#random";
import { defaultDrainSettings, DrainRate, type QueuePosition } from "../../../../../picker/flow/refusal/drain-rate.ts";
import { SimulatedDrain, type DrainScene, type Probe } from "./simulated-drain.ts";

const at = (aheadRequests: number, rest: Partial<QueuePosition> = {}): QueuePosition => ({
  priority: 0,
  aheadRequests,
  aheadTokens: 0,
  guaranteedShare: 0,
  ...rest,
});

const second = 1000;

/** `count` dispatches, one every `everyMs`, while requests wait. @returns the instant of the last one */
function drain(rate: DrainRate, count: number, everyMs: number, fromMs = 0, tokens = 100): number {
  rate.waiting(true, fromMs);
  for (let i = 1; i <= count; i++) rate.dispatched(0, tokens, fromMs + i * everyMs);
  return fromMs + count * everyMs;
}

const waitOf = (rate: DrainRate, position: QueuePosition, nowMs: number): number => {
  const prediction = rate.predict(position, nowMs);
  if (prediction.kind !== "known") throw new Error(`expected a wait, got ${prediction.kind}`);
  return prediction.waitMs;
};

const floored = (ms: number): number => Math.max(second, ms);
/** To the second, as `retry-after` says it. */
const isWithin2x = ({ predicted, actualMs }: Probe): boolean => {
  if (predicted.kind !== "known") return false;
  const [low, high] = [floored(predicted.waitMs), floored(actualMs)].toSorted((a, b) => a - b) as [number, number];
  return high <= 2 * low;
};

const shareWithin2x = (scene: DrainScene, seed: number): number | undefined => {
  const probes = new SimulatedDrain(scene, seededRandom(seed)).run();
  return probes.length < 20 ? undefined : probes.filter(isWithin2x).length / probes.length;
};

describe("DrainRate", () => {
  it("predicts a steady drain exactly, from fractions of a millisecond to a request a minute", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.2, max: 60_000, noNaN: true }),
        fc.integer({ min: 20, max: 200 }),
        fc.nat(500),
        (everyMs, count, ahead) => {
          const rate = new DrainRate();
          const nowMs = drain(rate, count, everyMs);
          expect(waitOf(rate, at(ahead), nowMs) / ((ahead + 1) * everyMs)).toBeCloseTo(1, 6);
        },
      ),
    );
  });

  it.each([
    { slots: 1, serviceMs: 2000, spread: 0, highShare: 0 },
    { slots: 1, serviceMs: 10_000, spread: 0.9, highShare: 0 },
    { slots: 4, serviceMs: 200, spread: 0.9, highShare: 0.3 },
    { slots: 16, serviceMs: 2000, spread: 0.5, highShare: 0.3 },
    { slots: 16, serviceMs: 2000, spread: 0.9, highShare: 0.6 },
    { slots: 64, serviceMs: 10_000, spread: 0.5, highShare: 0.6 },
    { slots: 64, serviceMs: 2000, spread: 0.9, highShare: 0.8 },
  ])(
    "is within 2x of the actual wait for 90 % of requests: $slots slots of $serviceMs ms, $highShare above",
    (pool) => {
      for (const load of [1.1, 2]) {
        for (const seed of [1, 2, 3]) {
          const scene = { ...pool, load, maxQueue: 200, warmUpMs: 200_000, forMs: 100_000 };
          expect(shareWithin2x(scene, seed) ?? 1).toBeGreaterThanOrEqual(0.9);
        }
      }
    },
  );

  it.each([
    { name: "90 % of requests in pools of any shape", least: 0.9, spread: [0.05, 0.3, 0.9] },
    { name: "70 % where every slot ends at the same instant", least: 0.7, spread: [0] },
  ])("is within 2x for $name", ({ least, spread }) => {
    const anyPool = fc.record({
      slots: fc.integer({ min: 1, max: 64 }),
      serviceMs: fc.integer({ min: 100, max: 5000 }),
      spread: fc.constantFrom(...spread),
      load: fc.constantFrom(1.1, 1.5, 3),
      maxQueue: fc.integer({ min: 5, max: 300 }),
    });
    const shares = fc.sample(anyPool, { numRuns: 30, seed: 5 }).flatMap((pool, seed) => {
      const share = shareWithin2x({ ...pool, highShare: 0, warmUpMs: 100_000, forMs: 20_000 }, seed);
      return share === undefined ? [] : [share];
    });
    expect(shares.length).toBeGreaterThan(15);
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(least);
  });

  it("does not count the time in which nothing waited", () => {
    const rate = new DrainRate();
    const endMs = drain(rate, 20, 100);
    rate.waiting(false, endMs);
    rate.waiting(true, endMs + 300 * second);
    expect(waitOf(rate, at(9), endMs + 300 * second)).toBeCloseTo(1000, 6);
  });

  it("does not take dispatches for a drain while nothing waits", () => {
    const rate = new DrainRate();
    for (let i = 0; i < 50; i++) rate.dispatched(0, 100, i);
    expect(rate.predict(at(0), 50)).toEqual({ kind: "unknown" });
  });

  it("knows nothing before three dispatches, and forgets what is older than ten minutes", () => {
    const rate = new DrainRate();
    expect(rate.predict(at(0), 0)).toEqual({ kind: "unknown" });
    rate.waiting(true, 0);
    rate.dispatched(0, 1, 1000);
    rate.dispatched(0, 1, 2000);
    expect(rate.predict(at(0), 2000)).toEqual({ kind: "unknown" });
    rate.dispatched(0, 1, 3000);
    expect(rate.predict(at(0), 3000).kind).toBe("known");
    rate.waiting(false, 3000);
    rate.waiting(true, 3000 + defaultDrainSettings.forgetAfterMs + 1);
    expect(rate.predict(at(0), 3000 + defaultDrainSettings.forgetAfterMs + 1)).toEqual({ kind: "unknown" });
  });

  it("predicts longer and longer waits while a drain stands still", () => {
    const rate = new DrainRate();
    const endMs = drain(rate, 600, 50);
    const before = waitOf(rate, at(10), endMs);
    expect(waitOf(rate, at(10), endMs + 30 * second)).toBeGreaterThan(5 * before);
    expect(waitOf(rate, at(10), endMs + 60 * second)).toBeGreaterThan(waitOf(rate, at(10), endMs + 30 * second));
  });

  it("follows a drain that becomes faster within its window", () => {
    const rate = new DrainRate();
    const changedMs = drain(rate, 100, 1000);
    const nowMs = drain(rate, 320, 100, changedMs);
    expect(waitOf(rate, at(99), nowMs) / 10_000).toBeCloseTo(1, 1);
  });

  it("falls back on completions where nothing waited yet, and says so", () => {
    const rate = new DrainRate();
    for (let i = 0; i <= 20; i++) rate.completed(100, i * 500);
    expect(rate.predict(at(3), 10_000)).toMatchObject({ kind: "known", waitMs: 2000, basis: "completions" });
    expect(rate.predict(at(3), 10_000 + defaultDrainSettings.forgetAfterMs + 1)).toEqual({ kind: "unknown" });
  });

  it.each([
    { measure: "requests", want: 1000 + 1000 },
    { measure: "tokens", want: 1000 + 30_000 },
    { measure: "slower", want: 1000 + 30_000 },
  ] as const)("measures the queue ahead in $measure", ({ measure, want }) => {
    const rate = new DrainRate({ ...defaultDrainSettings, measure });
    const nowMs = drain(rate, 30, 1000, 0, 100);
    expect(waitOf(rate, at(1, { aheadTokens: 3000 }), nowMs)).toBeCloseTo(want, 6);
  });

  it("never predicts less for a place further back", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 3, maxLength: 100 }),
        fc.nat(300),
        fc.nat(300),
        fc.nat(100_000),
        (gaps, ahead, more, tokens) => {
          const rate = new DrainRate();
          rate.waiting(true, 0);
          let nowMs = 0;
          for (const gap of gaps) rate.dispatched(0, gap, (nowMs += gap));
          const near = waitOf(rate, at(ahead, { aheadTokens: tokens }), nowMs);
          expect(near).toBeGreaterThan(0);
          expect(waitOf(rate, at(ahead + more, { aheadTokens: tokens }), nowMs)).toBeGreaterThanOrEqual(near);
        },
      ),
    );
  });
});
