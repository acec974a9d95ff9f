import { describe, expect, it } from "@jest/globals";
import { FlowRig } from "../../../support/flow-rig.ts";
import { flowSettingsOf, ledgerDetectorOf } from "../../../support/flow-settings.ts";
import type { FlowSettings } from "../../../../picker/flow/settings.ts";

const eviction = { maxPerDecision: 2, confirmTimeoutMs: 10_000, graceMs: 10 };
const evicting = (capacity: number, given: Partial<FlowSettings> = {}) =>
  new FlowRig({ settings: flowSettingsOf({ eviction, detector: ledgerDetectorOf(capacity), ...given }) });

const evictedOf = (rig: FlowRig): readonly string[] =>
  rig.events.flatMap((event) => (event.kind === "evicted" ? [event.id] : []));

describe("eviction", () => {
  it("gives up a sheddable request for one that waits, which gets its place", () => {
    const rig = evicting(1);
    const low = rig.submit({ id: "low", priority: -1 });
    const high = rig.submit({ id: "high" });
    expect(low.evicted).toMatchObject({ status: 429, reason: "evicted", droppedReason: "evicted" });
    expect(high).toMatchObject({ answer: "dispatched", waiting: undefined });
    expect(rig.ledger.total).toBe(1);
  });

  it("takes the lowest priority first, of those the newest, and two at most", () => {
    const rig = evicting(5);
    for (const [id, priority] of [
      ["s0", -1],
      ["t0", -2],
      ["t1", -2],
      ["t2", -2],
      ["s1", -1],
    ] as const) {
      rig.submit({ id, priority, endsWhenEvicted: false });
      rig.run(5);
    }
    rig.submitAll(["a", "b", "c"]);
    expect(evictedOf(rig)).toEqual(["t2"]);
    rig.requests[3]!.end();
    rig.run(10);
    expect(evictedOf(rig)).toEqual(["t2", "t1", "t0"]);
  });

  it.each([
    ["of priority 0 and above", [0, 0], 3],
    ["of the priority of the demand", [-1, -1], -1],
    ["above it", [-1, -1], -2],
  ])("never takes requests %s", (_, priorities, priority) => {
    const rig = evicting(2);
    for (const one of priorities) rig.submit({ priority: one });
    rig.submit({ priority });
    rig.run(20_000);
    expect(evictedOf(rig)).toEqual([]);
  });

  it("is turned off where it is not configured", () => {
    const rig = evicting(1, { eviction: undefined });
    rig.submit({ priority: -1 });
    rig.submit();
    rig.run(20_000);
    expect(evictedOf(rig)).toEqual([]);
  });

  it("does nothing for a band that may not use the pool", () => {
    const usageLimit = { type: "static-usage-limit-policy", ceiling: 0 } as const;
    const rig = evicting(1, { usageLimit });
    rig.submit({ id: "low", priority: -1 });
    rig.submit({ id: "high" });
    rig.run(1000);
    expect(rig.order).toEqual([]);
    expect(evictedOf(rig)).toEqual([]);
  });

  it("does nothing for a band with a ceiling of zero while a lower one is in flight", () => {
    const rig = evicting(2, { usageLimit: { type: "soft-reflective-ceiling-policy" } });
    rig.submitAll(["low", "low-too"], { priority: -5 });
    rig.submit({ id: "middle", priority: -1 });
    expect(rig.flow.status().ceilings.get(-1)).toBe(0);
    expect(evictedOf(rig)).toEqual([]);
  });
});

describe("between two evictions", () => {
  const busy = (endsWhenEvicted: boolean) => {
    const rig = evicting(4);
    rig.submitAll(["s0", "s1", "s2", "s3"], { priority: -1, endsWhenEvicted });
    return rig;
  };

  it("the last ones must have ended, and the detector have had the time to see it", () => {
    const rig = busy(false);
    rig.submitAll(["a", "b", "c", "d"]);
    expect(evictedOf(rig)).toHaveLength(1);
    rig.run(100);
    rig.requests[3]!.end();
    rig.run(9);
    expect(evictedOf(rig)).toHaveLength(1);
    rig.run(1);
    expect(evictedOf(rig)).toHaveLength(3);
  });

  it("both of two must have ended", () => {
    const rig = busy(false);
    rig.submit({ id: "a" });
    rig.requests[3]!.end();
    rig.submitAll(["b", "c", "d"]);
    rig.run(10);
    expect(evictedOf(rig)).toEqual(["s3", "s2", "s1"]);
    rig.requests[2]!.end();
    rig.run(1000);
    expect(evictedOf(rig)).toHaveLength(3);
    rig.requests[1]!.end();
    rig.run(10);
    expect(evictedOf(rig)).toHaveLength(4);
  });

  it("one that never ends is waited for ten seconds, and not given up again", () => {
    const rig = busy(false);
    rig.submitAll(["a", "b"]);
    rig.run(9999);
    expect(evictedOf(rig)).toEqual(["s3"]);
    rig.run(1);
    expect(evictedOf(rig)).toEqual(["s3", "s2", "s1"]);
    rig.run(30_000);
    expect(evictedOf(rig)).toEqual(["s3", "s2", "s1", "s0"]);
  });

  it("nothing is given up for those that went meanwhile", () => {
    const rig = busy(true);
    rig.submitAll(["a"]);
    rig.run(1000);
    expect(evictedOf(rig)).toHaveLength(1);
    expect(rig.flow.status().queue.requests).toBe(0);
  });
});
