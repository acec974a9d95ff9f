import { describe, expect, it } from "@jest/globals";
import { FlowRig } from "../../../support/flow-rig.ts";
import type { EndpointSketch } from "../../../support/scheduling-cycle.ts";
import { flowSettingsOf, ledgerDetectorOf, queueOf } from "../../../support/flow-settings.ts";

const base = flowSettingsOf();
const held = (budgetMs: number | undefined, learned = base.holdForZero.learned) =>
  flowSettingsOf({
    holdForZero: { budgetMs, learned },
    detector: ledgerDetectorOf(2),
    queue: queueOf({ minShare: 0 }),
  });

/** The pool loses its endpoint, a request wants one, and it comes after this long. */
function coldStart(rig: FlowRig, ms: number): void {
  rig.setEndpoints([]);
  rig.submit({ id: "wakes", onDispatched: (request) => request.end() });
  rig.run(ms);
  rig.setEndpoints([{}]);
}

describe("without endpoints", () => {
  it("requests wait, and are told as the demand that wakes a pool", () => {
    const rig = new FlowRig({ endpoints: [] });
    rig.submit();
    rig.run(40);
    rig.submit();
    expect(rig.decided).toEqual([]);
    expect(rig.flow.status()).toMatchObject({
      held: { requests: 2, tokens: 200, oldestAgeMs: 40 },
      expectedColdStartMs: 60_000,
      saturation: { mode: "no-endpoints", saturation: 1 },
    });
  });

  it("nothing is held once there is an endpoint, though requests wait", () => {
    const rig = new FlowRig({ endpoints: [] });
    rig.submitAll(["a", "b"]);
    rig.setEndpoints([{}]);
    expect(rig.flow.status()).toMatchObject({
      held: { requests: 0, tokens: 0, oldestAgeMs: undefined },
      queue: { requests: 1 },
    });
  });

  it("order is kept", () => {
    const rig = new FlowRig({ settings: held(60_000), endpoints: [] });
    for (const priority of [-1, 0, 3, 0, 3]) rig.submit({ priority });
    rig.setEndpoints([{}]);
    expect(rig.order).toEqual(["r2", "r4"]);
    expect(rig.serveAll()).toEqual(["r2", "r4", "r1", "r3", "r0"]);
  });

  it("a client that leaves frees its place", () => {
    const rig = new FlowRig({ settings: flowSettingsOf({ queue: queueOf({ maxRequests: 1 }) }), endpoints: [] });
    const first = rig.submit();
    expect(rig.submit().answer).toBe("queue-full-no-endpoints");
    first.cancel();
    expect(rig.submit().answer).toBeUndefined();
    expect(rig.flow.status().held.requests).toBe(1);
  });

  it("requests wait as long as their clients where there is no budget", () => {
    const rig = new FlowRig({ settings: held(undefined), endpoints: [] });
    rig.submit();
    rig.run(86_400_000);
    expect(rig.decided).toEqual([]);
  });
});

describe("the time to live", () => {
  const ttl = { ...base.ttl, ofBandMs: new Map([[0, 1000]]) };
  const settings = { ...held(300), ttl, detector: ledgerDetectorOf(1) };

  it("starts anew when the pool gets its first endpoint", () => {
    const rig = new FlowRig({ settings, endpoints: [] });
    rig.run(50);
    const [, b] = rig.submitAll(["a", "b"]);
    rig.run(200);
    rig.setEndpoints([{}]);
    rig.run(5000);
    expect(b).toMatchObject({ answer: "ttl-expired", decidedAtMs: 1250 });
  });

  it("starts anew when the pool loses its last endpoint", () => {
    const rig = new FlowRig({ settings });
    const [, b] = rig.submitAll(["a", "b"]);
    rig.run(900);
    rig.setEndpoints([]);
    rig.run(5000);
    expect(b).toMatchObject({ answer: "ttl-expired-no-endpoints", decidedAtMs: 1200 });
  });

  it.each<[string, readonly EndpointSketch[]]>([
    ["another endpoint comes", [{}, { unreachable: true }]],
    ["the same endpoints are shown again", [{}]],
  ])("goes on when %s", (_, endpoints) => {
    const rig = new FlowRig({ settings });
    const [, b] = rig.submitAll(["a", "b"]);
    rig.run(900);
    rig.setEndpoints(endpoints);
    rig.run(5000);
    expect(b).toMatchObject({ answer: "ttl-expired", decidedAtMs: 1000 });
  });

  it("of a client counts from its arrival, whatever happens to the pool", () => {
    const rig = new FlowRig({ settings, endpoints: [] });
    const [, b] = rig.submitAll(["a", "b"], { ttlHeader: "400" });
    rig.run(200);
    rig.setEndpoints([{}]);
    rig.run(5000);
    expect(b).toMatchObject({ answer: "ttl-expired", decidedAtMs: 400 });
  });
});

describe("an observed cold start", () => {
  it.each([
    ["lengthens the hold", { coldStartFactor: 1.5, maxBudgetMs: 600_000 }, 150_000],
    ["lengthens it up to the most", { coldStartFactor: 1.5, maxBudgetMs: 120_000 }, 120_000],
    ["never shortens it", { coldStartFactor: 0.1, maxBudgetMs: 600_000 }, 60_000],
    ["changes nothing where it is not to be learned", undefined, 60_000],
  ])("%s", (_, learned, holdMs) => {
    const rig = new FlowRig({ settings: { ...held(60_000), holdForZero: { budgetMs: 60_000, learned } } });
    coldStart(rig, 100_000);
    rig.setEndpoints([]);
    const sinceMs = rig.clock.now();
    const waits = rig.submit();
    rig.run(1_000_000);
    expect(waits).toMatchObject({ answer: "ttl-expired-no-endpoints", decidedAtMs: sinceMs + holdMs });
  });

  it("sets the time to come back", () => {
    const settings = { ...held(60_000), queue: queueOf({ maxRequests: 1 }) };
    const rig = new FlowRig({ settings });
    coldStart(rig, 40_000);
    rig.setEndpoints([]);
    rig.submit({ id: "held" });
    rig.run(10_000);
    expect(rig.submit().refusal).toMatchObject({ status: 503, retryAfterSeconds: 30 });
    expect(rig.flow.status().expectedColdStartMs).toBe(40_000);
  });
});
