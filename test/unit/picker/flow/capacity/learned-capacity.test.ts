import { describe, expect, it } from "@jest/globals";
import { seededRandom } from "#random";
import fc from "fast-check";
import {
  LearnedCapacity,
  defaultLearnedCapacity,
  type LearnedCapacityOptions,
} from "../../../../../picker/flow/capacity/learned-capacity.ts";

const options: LearnedCapacityOptions = { ...defaultLearnedCapacity, min: 10, max: 200, initial: 100, additiveStep: 4 };
const slot = 3;
const slowRatio = 1;

/** One second of latencies, `count` of them, the first `slow` of which are slow. */
function window(
  capacity: LearnedCapacity,
  startMs: number,
  { load, count = 20, slow = 0, ratio = 0.5 }: { load: number; count?: number; slow?: number; ratio?: number },
): void {
  for (let i = 0; i < count; i++) {
    const nowMs = startMs + Math.ceil((i * 1000) / (count - 1));
    capacity.observe(slot, i < slow ? slowRatio : ratio, nowMs, nowMs, load);
  }
}

describe("LearnedCapacity", () => {
  it("begins at the initial limit in every slot", () => {
    const capacity = new LearnedCapacity(options);
    expect([capacity.of(0), capacity.of(1000)]).toEqual([100, 100]);
  });

  it.each([
    { name: "used and fast: a step up", load: 90, slow: 0, limit: 104 },
    { name: "used, as many slow ones as tolerated: a step up", load: 90, slow: 2, limit: 104 },
    { name: "used, more slow ones than tolerated: down", load: 90, slow: 3, limit: 90 },
    { name: "fast and not used: as it was", load: 89, slow: 0, limit: 100 },
    { name: "half used and slow: down", load: 50, slow: 3, limit: 90 },
    { name: "less than half used and slow: as it was", load: 49, slow: 20, limit: 100 },
  ])("$name", ({ load, slow, limit }) => {
    const capacity = new LearnedCapacity({ ...options, windowSamples: 20 });
    window(capacity, 0, { load, slow });
    expect(capacity.of(slot)).toBe(limit);
    expect(capacity.of(slot + 1)).toBe(100);
  });

  it.each([
    { ratio: 0.8, limit: 104 },
    { ratio: 0.81, limit: 90 },
  ])("calls $ratio of a target by its aim", ({ ratio, limit }) => {
    const capacity = new LearnedCapacity(options);
    window(capacity, 0, { load: 100, ratio, count: ratio > 0.8 ? 2 : 20 });
    expect(capacity.of(slot)).toBe(limit);
  });

  it("raises once a window, however many latencies there are", () => {
    const capacity = new LearnedCapacity(options);
    for (let nowMs = 0; nowMs < 1000; nowMs++) capacity.observe(slot, 0.1, nowMs, nowMs, 100);
    expect(capacity.of(slot)).toBe(100);
    capacity.observe(slot, 0.1, 1000, 1000, 100);
    expect(capacity.of(slot)).toBe(104);
  });

  it("waits for the effect of a decrease: what began before it is not counted", () => {
    const capacity = new LearnedCapacity(options);
    for (let i = 0; i < 100; i++) capacity.observe(slot, slowRatio, 0, 5000 + i, 100);
    expect(capacity.of(slot)).toBe(90);
    for (let i = 0; i < 2; i++) capacity.observe(slot, slowRatio, 5100, 6000, 90);
    expect(capacity.of(slot)).toBe(81);
  });

  it.each([
    { ratios: [1, 1], left: 0.9 },
    { ratios: [1.59, 1.59], left: 0.9 },
    { ratios: [1.61, 1.61], left: 0.81 },
    { ratios: [3.3, 3.3], left: 0.729 },
    { ratios: [1, 50], left: 0.9 },
    { ratios: [1000, 1000], left: 0.5 },
  ])("goes down to $left of the limit after latencies of $ratios times the target", ({ ratios, left }) => {
    const capacity = new LearnedCapacity(options);
    for (const ratio of ratios) capacity.observe(slot, ratio, 0, 0, 100);
    expect(capacity.of(slot)).toBe(Math.floor(100 * left));
  });

  it("goes down by the factor where that is below one half", () => {
    const capacity = new LearnedCapacity({ ...options, multiplicativeFactor: 0.3 });
    for (let i = 0; i < 2; i++) capacity.observe(slot, 1000, 0, 0, 100);
    expect(capacity.of(slot)).toBe(30);
  });

  it("leaves a window that took more than a minute out of account", () => {
    const capacity = new LearnedCapacity(options);
    capacity.observe(slot, slowRatio, 0, 0, 100);
    capacity.observe(slot, slowRatio, 60_001, 60_001, 100);
    expect(capacity.of(slot)).toBe(100);
    capacity.observe(slot, slowRatio, 60_002, 60_002, 100);
    expect(capacity.of(slot)).toBe(90);
  });

  it("ignores what is not a latency", () => {
    const capacity = new LearnedCapacity(options);
    window(capacity, 0, { load: 100, ratio: Number.NaN });
    window(capacity, 0, { load: 100, ratio: -1 });
    expect(capacity.of(slot)).toBe(100);
  });

  it("begins anew when the slot is forgotten", () => {
    const capacity = new LearnedCapacity(options);
    for (let i = 0; i < 2; i++) capacity.observe(slot, slowRatio, 9000, 9000, 100);
    expect(capacity.of(slot)).toBe(90);
    capacity.observe(slot, slowRatio, 9000, 9000, 100);
    capacity.forget(slot);
    expect(capacity.of(slot)).toBe(100);
    capacity.observe(slot, slowRatio, 10, 10, 100);
    expect(capacity.of(slot)).toBe(100);
    capacity.observe(slot, slowRatio, 10, 10, 100);
    expect(capacity.of(slot)).toBe(90);
  });

  it("stays within its bounds whatever is observed", () => {
    const latency = fc.record({
      ratio: fc.double({ min: 0, max: 10, noNaN: true }),
      load: fc.nat(300),
      stepMs: fc.nat(2000),
      tookMs: fc.nat(5000),
    });
    fc.assert(
      fc.property(fc.array(latency, { maxLength: 150, size: "max" }), (latencies) => {
        const capacity = new LearnedCapacity({ ...options, windowSamples: 2 });
        let nowMs = 0;
        let lowest = options.initial;
        let highest = options.initial;
        for (const { ratio, load, stepMs, tookMs } of latencies) {
          nowMs += stepMs;
          capacity.observe(slot, ratio, nowMs - tookMs, nowMs, load);
          lowest = Math.min(lowest, capacity.of(slot));
          highest = Math.max(highest, capacity.of(slot));
        }
        expect(lowest).toBeGreaterThanOrEqual(options.min);
        expect(highest).toBeLessThanOrEqual(options.max);
      }),
    );
  });
});

type Server = {
  /** Load at which TTFT is at the aim; it grows with the square of the load. */
  readonly kneeAt: (nowMs: number) => number;
  readonly seed: number;
};

const targetMs = 500;
const decodeMs = 1000;

/** A server under endless demand on a virtual clock; gives the limit once a second. */
function limitsUnderLoad(capacity: LearnedCapacity, seconds: number, { kneeAt, seed }: Server): number[] {
  const random = seededRandom(seed);
  const stepMs = 10;
  const flying: { readonly sinceMs: number; readonly firstMs: number; readonly endMs: number; seen: boolean }[] = [];
  const limits: number[] = [];
  for (let nowMs = 0; nowMs < seconds * 1000; nowMs += stepMs) {
    for (const request of flying) {
      if (request.seen || request.firstMs > nowMs) continue;
      request.seen = true;
      capacity.observe(slot, (request.firstMs - request.sinceMs) / targetMs, request.sinceMs, nowMs, flying.length);
    }
    for (let i = flying.length - 1; i >= 0; i--) if (flying[i]!.endMs <= nowMs) flying.splice(i, 1);
    while (flying.length < capacity.of(slot)) {
      const noise = 0.95 + random() * 0.1;
      const ttftMs = targetMs * defaultLearnedCapacity.aimRatio * ((flying.length + 1) / kneeAt(nowMs)) ** 2 * noise;
      const firstMs = nowMs + ttftMs;
      flying.push({ sinceMs: nowMs, firstMs, endMs: firstMs + decodeMs * (0.5 + random()), seen: false });
    }
    if (nowMs % 1000 === 0) limits.push(capacity.of(slot));
  }
  return limits;
}

describe("a server with a knee", () => {
  it("is kept around its knee from any start", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 20, max: 150 }),
        fc.integer({ min: 10, max: 200 }),
        fc.nat(1_000_000),
        (knee, initial, seed) => {
          const capacity = new LearnedCapacity({ ...options, initial });
          const settled = limitsUnderLoad(capacity, 120, { kneeAt: () => knee, seed }).slice(80);
          const mean = settled.reduce((sum, limit) => sum + limit, 0) / settled.length;
          expect(mean / knee).toBeGreaterThan(0.85);
          expect(mean / knee).toBeLessThan(1.15);
          expect(Math.min(...settled)).toBeGreaterThan(0.9 * 0.9 * knee - options.additiveStep);
          expect(Math.max(...settled)).toBeLessThan(1.1 * knee + 2 * options.additiveStep);
        },
      ),
      { numRuns: 25 },
    );
  });

  it.each([
    { knee: 7, initial: 20, limit: options.min },
    { knee: 5000, initial: 100, limit: options.max },
  ])("ends at the bound when its knee of $knee is beyond it", ({ knee, initial, limit }) => {
    const limits = limitsUnderLoad(new LearnedCapacity({ ...options, initial }), 120, { kneeAt: () => knee, seed: 1 });
    expect(limits.at(-1)).toBe(limit);
  });

  it("is followed when its knee falls and rises again", () => {
    const kneeAt = (nowMs: number): number => (nowMs < 60_000 || nowMs > 120_000 ? 120 : 50);
    const limits = limitsUnderLoad(new LearnedCapacity(options), 180, { kneeAt, seed: 7 });
    expect([limits[59]! > 95, limits[115]! < 60, limits[179]! > 95]).toEqual([true, true, true]);
  });
});

describe("a full batch", () => {
  const options = { ...defaultLearnedCapacity, initial: 100, windowSamples: 1, windowMs: 0 };
  /** A good latency of a limit that is used. */
  const good = (capacity: LearnedCapacity, nowMs: number): void =>
    capacity.observe(0, 0.1, nowMs, nowMs, capacity.of(0));

  it("bounds the limit at once, and never below the least", () => {
    const capacity = new LearnedCapacity(options);
    capacity.atMost(0, 16, 0);
    expect(capacity.of(0)).toBe(16);
    capacity.atMost(0, 1, 0);
    expect(capacity.of(0)).toBe(options.min);
    expect(capacity.of(1)).toBe(100);
  });

  it("does not raise a limit", () => {
    const capacity = new LearnedCapacity({ ...options, initial: 10 });
    capacity.atMost(0, 16, 0);
    expect(capacity.of(0)).toBe(10);
  });

  it("awaits the effect before latencies count again", () => {
    const capacity = new LearnedCapacity(options);
    capacity.atMost(0, 16, 1000);
    for (let i = 0; i < 50; i++) capacity.observe(0, 5, 999, 2000, 16);
    expect(capacity.of(0)).toBe(16);
  });

  it("is what the limit grows to for a minute, and beyond it after that", () => {
    const capacity = new LearnedCapacity({ ...options, initial: 10 });
    capacity.atMost(0, 16, 0);
    for (let i = 1; i <= 20; i++) good(capacity, i);
    expect(capacity.of(0)).toBe(16);
    good(capacity, 60_001);
    expect(capacity.of(0)).toBe(18);
  });

  it("is tried half as often each time that it is the same, and as often as at first when it is another", () => {
    const capacity = new LearnedCapacity(options);
    const triedAt = (nowMs: number): boolean => {
      const before = capacity.of(0);
      good(capacity, nowMs);
      return capacity.of(0) > before;
    };
    capacity.atMost(0, 16, 0);
    expect([triedAt(59_999), triedAt(60_001)]).toEqual([false, true]);
    capacity.atMost(0, 16, 60_002);
    expect([triedAt(180_001), triedAt(180_003)]).toEqual([false, true]);
    capacity.atMost(0, 12, 180_004);
    expect([triedAt(240_003), triedAt(240_005)]).toEqual([false, true]);
  });

  it("is not grown beyond while no scrape would show it", () => {
    const capacity = new LearnedCapacity(options);
    capacity.atMost(0, 16, 0);
    for (let nowMs = 60_001; nowMs < 60_020; nowMs++) capacity.observe(0, 0.1, nowMs, nowMs, 16, false);
    expect(capacity.of(0)).toBe(16);
  });
});
