import { describe, expect, it } from "@jest/globals";
import type { Endpoint, EndpointMetrics } from "#pool";
import fc from "fast-check";
import { SnapshotPublisher, type DiscoveredEndpoint } from "../../../../picker/state/snapshot-publisher.ts";

const endpoint = (
  name: string,
  address = `10.0.0.${name.charCodeAt(0)}`,
  labels: Endpoint["labels"] = {},
): DiscoveredEndpoint => ({
  namespace: "default",
  name,
  address,
  port: 8000,
  labels,
});
const metrics = (waitingRequests: number): EndpointMetrics => ({
  waitingRequests,
  runningRequests: 1,
  kvCacheUsageRatio: undefined,
  cacheBlockSizeTokens: undefined,
  cacheBlockCount: undefined,
  lora: undefined,
  observedAtMs: 1,
});

function harness() {
  const busy = new Set<number>();
  const removed: string[] = [];
  let nowMs = 0;
  let dirty = 0;
  const publisher: SnapshotPublisher = new SnapshotPublisher({
    now: () => ++nowMs,
    isIdle: (slot) => !busy.has(slot),
    onRemoved: (slot, { id, hostPort }) => {
      expect(publisher.snapshot.endpoints.map((each) => each.hostPort)).not.toContain(hostPort);
      removed.push(`${id}@${slot}`);
    },
    onDirty: () => dirty++,
  });
  const slots = (): Readonly<Record<string, number>> =>
    Object.fromEntries(publisher.snapshot.endpoints.map(({ name, slot }) => [name, slot]));
  const set = (...names: readonly string[]): void => {
    publisher.setEndpoints(names.map((name) => endpoint(name)));
    publisher.publish();
  };
  return { publisher, busy, removed, slots, set, dirty: () => dirty };
}

describe("SnapshotPublisher", () => {
  it("starts with the empty snapshot of version 0", () => {
    expect(harness().publisher.snapshot).toMatchObject({ version: 0, endpoints: [] });
  });

  it("marks what cannot be reached until it answers, and keeps what it said", () => {
    const { publisher, set, dirty } = harness();
    set("a", "b");
    publisher.setMetrics("default/a", "10.0.0.97:8000", metrics(3));
    publisher.publish();
    publisher.setUnreachable("default/a", "10.0.0.97:8000");
    const [a, b] = publisher.publish().endpoints;
    expect(a).toMatchObject({ name: "a", unreachable: true, metrics: { waitingRequests: 3 } });
    expect(b).not.toHaveProperty("unreachable");
    const before = dirty();
    publisher.setUnreachable("default/a", "10.0.0.97:8000");
    publisher.setUnreachable("default/b", "10.0.0.7:8000");
    expect(dirty()).toBe(before);
    publisher.setMetrics("default/a", "10.0.0.97:8000", metrics(4));
    expect(publisher.publish().endpoints[0]).not.toHaveProperty("unreachable");
  });

  it("turns everything since the last tick into one snapshot", () => {
    const { publisher, dirty } = harness();
    publisher.setEndpoints([endpoint("b"), endpoint("a")]);
    publisher.setMetrics("default/a", "10.0.0.97:8000", metrics(3));
    publisher.setMetrics("default/b", "10.0.0.98:8000", metrics(4));
    expect(publisher.snapshot.version).toBe(0);
    const snapshot = publisher.publish();
    expect(snapshot).toMatchObject({ version: 1, takenAtMs: 1 });
    expect(snapshot.endpoints.map(({ name }) => name)).toEqual(["b", "a"]);
    expect([...snapshot.waitingRequests]).toEqual([4, 3]);
    expect([...snapshot.kvCacheUsageRatio]).toEqual([Number.NaN, Number.NaN]);
    expect(publisher.snapshot).toBe(snapshot);
    expect(dirty()).toBe(1);
  });

  it("keeps the snapshot when nothing was reported", () => {
    const { publisher, set, dirty } = harness();
    set("a", "b");
    const before = publisher.snapshot;
    publisher.setEndpoints([endpoint("a"), endpoint("b")]);
    publisher.setMetrics("default/gone", "10.0.0.1:8000", metrics(1));
    expect(publisher.publish()).toBe(before);
    expect(dirty()).toBe(1);
  });

  it("keeps the objects of endpoints that nothing was reported of, and never changes a published one", () => {
    const { publisher, set } = harness();
    set("a", "b");
    const [a, b] = publisher.snapshot.endpoints;
    publisher.setMetrics("default/b", "10.0.0.98:8000", metrics(4));
    const [sameA, newB] = publisher.publish().endpoints;
    expect(sameA).toBe(a);
    expect(newB).not.toBe(b);
    expect(b?.metrics).toBeUndefined();
    expect(newB?.metrics?.waitingRequests).toBe(4);
  });

  it("keeps slot and metrics when only labels change or the order does", () => {
    const { publisher, set } = harness();
    set("a", "b");
    publisher.setMetrics("default/a", "10.0.0.97:8000", metrics(3));
    publisher.publish();
    const [a] = publisher.snapshot.endpoints;
    publisher.setEndpoints([endpoint("b"), endpoint("a", undefined, { role: "decode" })]);
    const after = publisher.publish().endpoints[1];
    expect(after).toEqual({ ...a, labels: { role: "decode" } });
  });

  it("gives a new endpoint the smallest free slot, and only one with nothing in flight", () => {
    const { busy, removed, slots, set } = harness();
    set("a", "b", "c");
    expect(slots()).toEqual({ a: 0, b: 1, c: 2 });
    busy.add(0);
    set("c");
    expect(removed).toEqual(["default/a@0", "default/b@1"]);
    set("c", "d", "e");
    expect(slots()).toEqual({ c: 2, d: 1, e: 3 });
    busy.clear();
    set("c", "d", "e", "f");
    expect(slots()["f"]).toBe(0);
  });

  it("never gives the slot of an endpoint that the published snapshot still has", () => {
    const { publisher, set, slots } = harness();
    set("a");
    publisher.setEndpoints([]);
    publisher.setEndpoints([endpoint("b")]);
    publisher.publish();
    expect(slots()).toEqual({ b: 1 });
  });

  it("takes an endpoint whose address changed as another one", () => {
    const { publisher, set, removed } = harness();
    set("a");
    publisher.setMetrics("default/a", "10.0.0.97:8000", metrics(3));
    publisher.publish();
    publisher.setEndpoints([endpoint("a", "10.9.9.9")]);
    publisher.setMetrics("default/a", "10.0.0.97:8000", metrics(9));
    const [a] = publisher.publish().endpoints;
    expect(a).toMatchObject({ hostPort: "10.9.9.9:8000", slot: 1, metrics: undefined });
    expect(removed).toEqual(["default/a@0"]);
  });

  it("brackets IPv6 addresses", () => {
    const { publisher } = harness();
    publisher.setEndpoints([endpoint("a", "fd00::1")]);
    expect(publisher.publish().endpoints[0]?.hostPort).toBe("[fd00::1]:8000");
  });

  it("refuses two endpoints of one name", () => {
    expect(() => harness().publisher.setEndpoints([endpoint("a"), endpoint("a")])).toThrow("one name");
  });

  it("never shares a slot between endpoints, or with what is still in flight", () => {
    const steps = fc.array(
      fc.record({ members: fc.subarray(["a", "b", "c", "d", "e"]), busy: fc.subarray([0, 1, 2, 3, 4]) }),
    );
    fc.assert(
      fc.property(steps, (sequence) => {
        const { busy, slots, set } = harness();
        let before = slots();
        for (const step of sequence) {
          for (const slot of step.busy) busy.add(slot);
          set(...step.members);
          const after = slots();
          expect(new Set(Object.values(after)).size).toBe(step.members.length);
          for (const [name, slot] of Object.entries(after)) {
            if (name in before) expect(slot).toBe(before[name]);
            else expect(busy.has(slot) && slot < Math.max(...Object.values(before), -1)).toBe(false);
          }
          busy.clear();
          before = after;
        }
      }),
    );
  });
});
