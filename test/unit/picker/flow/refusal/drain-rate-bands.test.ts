import { describe, expect, it } from "@jest/globals";
import { DrainRate, type QueuePosition } from "../../../../../picker/flow/refusal/drain-rate.ts";

const at = (aheadRequests: number, rest: Partial<QueuePosition> = {}): QueuePosition => ({
  priority: 0,
  aheadRequests,
  aheadTokens: 0,
  guaranteedShare: 0,
  ...rest,
});

const second = 1000;

const waitOf = (rate: DrainRate, position: QueuePosition, nowMs: number): number => {
  const prediction = rate.predict(position, nowMs);
  if (prediction.kind !== "known") throw new Error(`expected a wait, got ${prediction.kind}`);
  return prediction.waitMs;
};

describe("DrainRate between bands", () => {
  it.each([
    { name: "has the whole drain at the top", priority: 1, arrivals: 0, share: 0, want: 1000 },
    { name: "has what is left below", priority: 0, arrivals: 5, share: 0, want: 2000 },
    { name: "has its guaranteed share where nothing is left", priority: 0, arrivals: 12, share: 0.1, want: 10_000 },
  ])("a band $name", ({ priority, arrivals, share, want }) => {
    const rate = new DrainRate();
    const nowMs = 40 * second;
    rate.waiting(true, 0);
    for (let ms = 100; ms <= nowMs; ms += 100) rate.dispatched(0, 100, ms);
    rate.arrived(1, 100, 0);
    for (let i = 1; i <= arrivals * 40; i++) rate.arrived(1, 100, (i * second) / Math.max(1, arrivals));
    expect(waitOf(rate, at(9, { priority, guaranteedShare: share }), nowMs) / want).toBeCloseTo(1, 1);
  });

  describe("a band that was seen to drain", () => {
    /** Ten dispatches a second; the share that goes to priority -1, which always waits. */
    const shared = (share: number, arrivalsAbove: number): DrainRate => {
      const rate = new DrainRate();
      rate.arrived(1, 100, 0);
      for (let i = 0; i < 1000; i++) rate.arrived(-1, 100, 0);
      rate.waiting(true, 0);
      for (let i = 1; i <= 600; i++) {
        const nowMs = i * 100;
        for (let n = Math.floor(i * arrivalsAbove); n > Math.floor((i - 1) * arrivalsAbove); n--) {
          rate.arrived(1, 100, nowMs - 10);
        }
        rate.dispatched(Math.floor(i * share) > Math.floor((i - 1) * share) ? -1 : 1, 100, nowMs);
      }
      return rate;
    };
    const nowMs = 60 * second;

    it("drains at that rate whatever is left by the bands above, as where it is held back", () => {
      expect(waitOf(shared(0.2, 0.5), at(9, { priority: -1 }), nowMs) / 5000).toBeCloseTo(1, 1);
      expect(waitOf(shared(0.2, 1), at(9, { priority: -1 }), nowMs) / 5000).toBeCloseTo(1, 1);
    });

    it("drains at what is left again once it has not waited for as long as a window", () => {
      const rate = shared(0.2, 0.5);
      rate.waiting(false, nowMs);
      rate.waiting(true, nowMs + 31 * second);
      expect(waitOf(rate, at(9, { priority: -1 }), nowMs + 31 * second)).toBeLessThan(3500);
    });

    it("varies with all that is dispatched", () => {
      const prediction = shared(0.2, 0.8).predict(at(9, { priority: -1 }), nowMs);
      if (prediction.kind !== "known") throw new Error(prediction.kind);
      expect(prediction.spreadMs / (0.01 / 0.002 ** 2)).toBeCloseTo(1, 1);
    });
  });

  it("does not take what goes at once for a drain of its band while others wait", () => {
    const rate = new DrainRate();
    for (let i = 0; i < 1000; i++) rate.arrived(-1, 100, 0);
    rate.waiting(true, 0);
    for (let i = 1; i <= 600; i++) {
      rate.arrived(1, 100, i * 100);
      rate.dispatched(1, 100, i * 100);
    }
    rate.arrived(1, 100, 60_050);
    expect(waitOf(rate, at(9, { priority: 1 }), 60_051) / 1000).toBeCloseTo(1, 1);
  });

  it("says that a band waits for ever while all that drains arrives above it", () => {
    const rate = new DrainRate();
    rate.waiting(true, 0);
    for (let i = 1; i <= 400; i++) {
      rate.dispatched(0, 100, i * 100);
      rate.arrived(1, 100, i * 100 - 10);
      rate.arrived(1, 100, i * 100);
    }
    expect(rate.predict(at(0), 40 * second)).toEqual({ kind: "infinite" });
    rate.forget(1);
    expect(rate.predict(at(0), 40 * second).kind).toBe("known");
  });

  it("counts those that leave unserved as making room for what stands behind them only", () => {
    const rate = new DrainRate();
    rate.waiting(true, 0);
    for (let i = 1; i <= 400; i++) {
      rate.dispatched(0, 100, i * 100);
      rate.departed(-1, 100, i * 100);
    }
    expect(waitOf(rate, at(99, { priority: -1 }), 40 * second) / 5000).toBeCloseTo(1, 1);
    expect(waitOf(rate, at(99, { priority: 0 }), 40 * second) / 10_000).toBeCloseTo(1, 1);
  });

  it("does not count those that stood last as making room", () => {
    const rate = new DrainRate();
    rate.waiting(true, 0);
    for (let i = 1; i <= 400; i++) {
      rate.dispatched(0, 100, i * 100);
      rate.departed(-1, 100, i * 100, "last");
    }
    expect(waitOf(rate, at(99, { priority: -1 }), 40 * second) / 10_000).toBeCloseTo(1, 1);
  });
});
