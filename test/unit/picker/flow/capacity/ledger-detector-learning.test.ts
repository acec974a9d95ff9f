import { describe, expect, it } from "@jest/globals";
import type { Endpoint, PoolSnapshot } from "#pool";
import { LearnedCapacity, defaultLearnedCapacity } from "../../../../../picker/flow/capacity/learned-capacity.ts";
import {
  LedgerDetector,
  defaultLedgerDetector as options,
} from "../../../../../picker/flow/capacity/ledger-detector.ts";
import { endpointOf, ledgerOf, poolOf, scrapedAt, snapshotOf } from "./pool.ts";

describe("what is learned of an endpoint", () => {
  const learning = { ...defaultLearnedCapacity, min: 10, initial: 100, windowSamples: 1, toleratedRatio: 0 };
  const slow = (detector: LedgerDetector, endpoint: Endpoint, nowMs: number): void =>
    detector.observeLatency(endpoint, 1, nowMs, nowMs);
  const capacityOf = (detector: LedgerDetector, snapshot: PoolSnapshot): number | undefined =>
    detector.state(snapshot).endpoints[0]?.capacity;

  it("comes from latencies at the load of ours and others", () => {
    const snapshot = poolOf(1, scrapedAt(0, { running: 60 }));
    const detector = new LedgerDetector(ledgerOf(10), new LearnedCapacity(learning), options);
    detector.update(snapshot, 0);
    slow(detector, snapshot.endpoints[0]!, 0);
    expect(capacityOf(detector, snapshot)).toBe(90);
  });

  it.each([
    { name: "another pod", next: endpointOf({ slot: 0, name: "pod-next" }) },
    { name: "the same name at another address", next: { ...endpointOf({ slot: 0 }), hostPort: "10.9.9.9:8000" } },
  ])("is forgotten when the slot goes to $name, late latencies of the old one included", ({ next }) => {
    const before = poolOf(1, scrapedAt(0, { running: 60 }));
    const detector = new LedgerDetector(ledgerOf(60), new LearnedCapacity(learning), options);
    detector.update(before, 0);
    slow(detector, before.endpoints[0]!, 0);
    expect(capacityOf(detector, before)).toBe(90);
    detector.update(snapshotOf(), 1);
    slow(detector, before.endpoints[0]!, 2);
    const after = snapshotOf(next);
    detector.update(after, 3);
    expect(capacityOf(detector, after)).toBe(100);
    slow(detector, before.endpoints[0]!, 4);
    expect(capacityOf(detector, after)).toBe(100);
  });

  it("stays when the same endpoint is shown again", () => {
    const before = poolOf(1);
    const detector = new LedgerDetector(ledgerOf(60), new LearnedCapacity(learning), options);
    detector.update(before, 0);
    slow(detector, before.endpoints[0]!, 0);
    const after = poolOf(1, scrapedAt(5, { running: 60 }));
    detector.update(after, 5);
    expect(capacityOf(detector, after)).toBe(90);
  });
});
