import { describe, expect, it } from "@jest/globals";
import type { Endpoint } from "#pool";
import { FlowRig } from "../../../support/flow-rig.ts";
import type { EndpointSketch } from "../../../support/scheduling-cycle.ts";
import { flowSettingsOf, ledgerDetectorOf, queueOf } from "../../../support/flow-settings.ts";

const isNamed =
  (...names: readonly string[]) =>
  ({ name }: Endpoint): boolean =>
    names.includes(name);

const idle = { promptTokens: 1, outputTokens: 1 };

describe("room", () => {
  it("of one lets exactly one through, however long what follows takes", () => {
    const rig = new FlowRig();
    rig.submitAll(["a", "b", "c"]);
    rig.run(10_000);
    expect(rig.order).toEqual(["a"]);
    expect(rig.ledger.total).toBe(1);
    expect(rig.flow.status().queue.requests).toBe(2);
  });

  it("that an end leaves goes to one request, in the instant of the end", () => {
    const rig = new FlowRig();
    const [a, b] = rig.submitAll(["a", "b", "c"]);
    rig.run(7);
    a!.end(idle);
    expect(rig.order).toEqual(["a", "b"]);
    expect(b).toMatchObject({
      decidedAtMs: 7,
      note: { outcome: "waited", waitedMs: 7, aheadRequests: 0, priority: 0 },
    });
  });

  it("that a new endpoint brings goes to what waits, at the snapshot", () => {
    const rig = new FlowRig();
    rig.submitAll(["a", "b", "c"]);
    rig.setEndpoints([{}, {}]);
    expect(rig.order).toEqual(["a", "b"]);
    expect(rig.requests[1]!.endpoint!.name).toBe("pod-1");
  });

  it("is taken by an arrival at once, which is told of no wait", () => {
    const rig = new FlowRig();
    const a = rig.submit();
    expect(a).toMatchObject({ answer: "dispatched", note: undefined, waiting: undefined });
    expect(rig.events).toEqual([{ kind: "left", id: "r0", outcome: "dispatched", waitedMs: 0 }]);
  });

  it("at nine idle endpoints is used while the tenth is full", () => {
    const rig = new FlowRig({ endpoints: Array.from({ length: 10 }, () => ({})) });
    rig.submit({ subset: isNamed("pod-0") });
    const rest = rig.submitAll(["b", "c", "d", "e", "f", "g", "h", "i", "j"]);
    expect(rest.map(({ answer }) => answer)).toEqual(rest.map(() => "dispatched"));
    expect(rig.flow.status().queue.requests).toBe(0);
  });

  it.each<[string, readonly EndpointSketch[], readonly string[], readonly string[]]>([
    ["not used while another has room", [{ unreachable: true }, {}], ["a", "b"], ["pod-1"]],
    [
      "used where every endpoint is unreachable",
      [{ unreachable: true }, { unreachable: true }],
      ["a", "b"],
      ["pod-0", "pod-1"],
    ],
  ])("at an unreachable endpoint is %s", (_, endpoints, ids, names) => {
    const rig = new FlowRig({ endpoints });
    rig.submitAll(ids);
    expect(rig.requests.flatMap(({ endpoint }) => endpoint?.name ?? [])).toEqual(names);
  });

  it("is found by time alone where nothing in flight can bring it", () => {
    const detector = {
      type: "utilization-detector",
      maxWaitingRequests: 1,
      maxKvCacheUsage: 0.8,
      staleAfterMs: 500,
      headroomRatio: 0,
      maxRequestsWithoutMetrics: 4,
    } as const;
    const endpoints = [{ metrics: { waitingRequests: 5, observedAtMs: 0 } }];
    const rig = new FlowRig({ settings: flowSettingsOf({ detector }), endpoints });
    rig.submit();
    rig.run(499);
    expect(rig.order).toEqual([]);
    rig.run(200);
    expect(rig.order).toEqual(["r0"]);
  });
});

describe("more than can go in one piece of work", () => {
  const settings = flowSettingsOf({ detector: ledgerDetectorOf(100) });

  /** Each takes a millisecond to send off. */
  const slow = (ids: readonly string[]) => {
    const rig = new FlowRig({ settings, endpoints: [] });
    rig.submitAll(ids, { onDispatched: () => rig.run(1) });
    rig.setEndpoints([{}]);
    return rig;
  };

  it("goes in several, one after the other", () => {
    const rig = slow(["a", "b", "c", "d", "e"]);
    expect(rig.order).toEqual(["a", "b"]);
    rig.run(100);
    expect(rig.order).toEqual(["a", "b", "c", "d", "e"]);
  });

  it("is not overtaken by what comes in between", () => {
    const rig = slow(["a", "b", "c", "d", "e", "f"]);
    rig.submit({ id: "g" });
    expect(rig.order).toEqual(["a", "b", "c", "d"]);
    rig.run(100);
    expect(rig.order).toEqual(["a", "b", "c", "d", "e", "f", "g"]);
  });
});

describe("order", () => {
  it.each([
    ["priority, then arrival", [0, 5, -1, 5, 0].map((priority) => ({ priority })), ["r2", "r4", "r1", "r5", "r3"]],
    [
      "turns of the tenants within a priority",
      ["x", "x", "x", "y"].map((fairnessId) => ({ fairnessId })),
      ["r1", "r4", "r2", "r3"],
    ],
    [
      "priority before tenants",
      [{ fairnessId: "x" }, { fairnessId: "x" }, { fairnessId: "y", priority: -1 }],
      ["r1", "r2", "r3"],
    ],
  ])("is %s", (_, sketches, order) => {
    const rig = new FlowRig({ settings: flowSettingsOf({ queue: queueOf({ minShare: 0 }) }) });
    rig.submit({ id: "first", fairnessId: "z" });
    for (const sketch of sketches) rig.submit(sketch);
    expect(rig.serveAll()).toEqual(["first", ...order]);
  });

  it("is that of the deadlines where the band says so", () => {
    const queue = queueOf({}, { ordering: "slo-deadline", fairness: { kind: "global-strict" } });
    const rig = new FlowRig({ settings: flowSettingsOf({ queue }) });
    rig.submit({ id: "first" });
    for (const [id, ttftTargetMs] of [
      ["none", undefined],
      ["late", 900],
      ["soon", 300],
    ] as const)
      rig.submit({ id, ttftTargetMs });
    expect(rig.serveAll()).toEqual(["first", "soon", "late", "none"]);
  });

  it("charges a tenant for what it was sent without a wait", () => {
    const rig = new FlowRig({ endpoints: [{}, {}] });
    rig.submitAll(["x0", "x1"], { fairnessId: "x" });
    rig.submitAll(["y0", "y1", "y2"], { fairnessId: "y" });
    rig.submitAll(["x2", "x3"], { fairnessId: "x" });
    expect(rig.serveAll().slice(2)).toEqual(["y0", "y1", "x2", "y2", "x3"]);
  });

  it("corrects a tenant's charge at the end of its requests", () => {
    const rig = new FlowRig();
    const first = rig.submit({ id: "x0", fairnessId: "x" });
    rig.submitAll(["x1", "x2"], { fairnessId: "x" });
    rig.submitAll(["y0", "y1", "y2"], { fairnessId: "y" });
    first.end({ promptTokens: 60, outputTokens: 1000 });
    expect(rig.serveAll()).toEqual(["x0", "y0", "y1", "y2", "x1", "x2"]);
  });
});

describe("a band at its ceiling", () => {
  const usageLimit = { type: "priority-holdback-policy", domain: "rank", minCeiling: 0.5, maxCeiling: 1 } as const;
  const full = () => {
    const settings = flowSettingsOf({ detector: ledgerDetectorOf(4), usageLimit, queue: queueOf({ minShare: 0 }) });
    const rig = new FlowRig({ settings });
    rig.submitAll(["s0", "s1", "s2"], { priority: -1 });
    return rig;
  };

  it("waits while there is room above it", () => {
    const rig = full();
    expect(rig.order).toEqual(["s0", "s1"]);
    expect(rig.flow.status().ceilings.get(-1)).toBe(0.5);
  });

  it("does not stop the band above it, neither on arrival nor in the queue", () => {
    const rig = full();
    rig.submitAll(["a", "b", "c"]);
    expect(rig.order).toEqual(["s0", "s1", "a", "b"]);
    rig.requests[0]!.end();
    expect(rig.order.at(-1)).toBe("c");
  });

  it("is served its minimum share above its ceiling", () => {
    const settings = flowSettingsOf({ detector: ledgerDetectorOf(2), usageLimit, queue: queueOf({ minShare: 0.25 }) });
    const rig = new FlowRig({ settings });
    rig.submitAll(["a0", "a1"]);
    rig.submitAll(["s0", "s1"], { priority: -1 });
    for (let i = 2; i < 20; i++) rig.submit({ id: `a${i}` });
    const order = () => rig.order.slice(2);
    for (let i = 0; i < 8; i++) rig.decided.find(({ isInFlight }) => isInFlight)!.end();
    expect(order().filter((id) => id.startsWith("s"))).toHaveLength(2);
    expect(order()[0]).toBe("a2");
  });
});

describe("a head that cannot go", () => {
  it("does not stop the other flows of its band, and stops its own", () => {
    const rig = new FlowRig({ endpoints: [{}, {}] });
    rig.submit({ id: "on-0", subset: isNamed("pod-0") });
    rig.submit({ id: "on-1", subset: isNamed("pod-1") });
    rig.submit({ id: "x0", fairnessId: "x", subset: isNamed("pod-0") });
    rig.submit({ id: "x1", fairnessId: "x" });
    rig.submit({ id: "y0", fairnessId: "y" });
    rig.requests[1]!.end(idle);
    expect(rig.order).toEqual(["on-0", "on-1", "y0"]);
    rig.requests[0]!.end(idle);
    expect(rig.order.at(-1)).toBe("x0");
  });

  it("lets those behind it go in the instant in which its client leaves", () => {
    const rig = new FlowRig({ endpoints: [{}, {}] });
    rig.submitAll(["on-0", "on-0-too"], { fairnessId: "x", subset: isNamed("pod-0") });
    rig.submit({ id: "on-1", subset: isNamed("pod-1") });
    const behind = rig.submit({ id: "behind", fairnessId: "x" });
    rig.requests[2]!.end();
    expect(behind.answer).toBeUndefined();
    rig.requests[1]!.cancel();
    expect(behind).toMatchObject({ answer: "dispatched", endpoint: { name: "pod-1" } });
  });
});
