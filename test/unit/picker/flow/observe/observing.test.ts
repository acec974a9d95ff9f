import { describe, expect, it } from "@jest/globals";
import { seededRandom, type Random } from "#random";
import { defaultLearnedCapacity } from "../../../../../picker/flow/capacity/learned-capacity.ts";
import type { FlowSettings } from "../../../../../picker/flow/settings.ts";
import { FlowRig } from "../../../../support/flow-rig.ts";
import { flowSettingsOf, ledgerDetectorOf, queueOf } from "../../../../support/flow-settings.ts";
import type { RequestSketch } from "../../../../support/rig-request.ts";

const observing = (given: Partial<FlowSettings> = {}) => flowSettingsOf({ enforcement: "observe", ...given });

const eventsOf = (rig: FlowRig, kind: "would" | "left") =>
  rig.events.flatMap((event) =>
    event.kind === kind ? [[event.id, event.outcome, Number(event.waitedMs.toFixed(3))] as const] : [],
  );
const wouldOf = (rig: FlowRig) => eventsOf(rig, "would").map(([id, outcome]) => [id, outcome]);

const nothingInFlight = (rig: FlowRig): void => {
  const { saturation, queue } = rig.flow.status();
  expect(saturation.endpoints.map(({ inFlight }) => inFlight)).toEqual(saturation.endpoints.map(() => 0));
  expect(queue).toMatchObject({ requests: 0, bytes: 0, tokens: 0 });
  expect(rig.ledger.total).toBe(0);
};

describe("observing", () => {
  it("refuses and holds nothing, and tells what would have been", () => {
    const rig = new FlowRig({ settings: observing({ queue: queueOf({ maxRequests: 1 }) }) });
    rig.submitAll(["a", "b", "c"], { priority: -1 });
    expect(rig.order).toEqual(["a", "b", "c"]);
    expect(wouldOf(rig)).toEqual([
      ["a", "dispatched"],
      ["c", "queue-full"],
    ]);
    expect(rig.flow.status()).toMatchObject({ queue: { requests: 1 }, saturation: { endpoints: [{ inFlight: 1 }] } });
    expect(rig.ledger.total).toBe(3);
    rig.run(20);
    rig.requests[0]!.end();
    expect(eventsOf(rig, "would").at(-1)).toEqual(["b", "dispatched", 20]);
  });

  it("lets a request that would have waited take as long as the real one did", () => {
    const rig = new FlowRig({ settings: observing() });
    const [a, b] = rig.submitAll(["a", "b", "c"]);
    rig.run(10);
    b!.end();
    rig.run(20);
    a!.end();
    expect(wouldOf(rig).map(([id]) => id)).toEqual(["a", "b"]);
    rig.run(9);
    expect(wouldOf(rig)).toHaveLength(2);
    rig.run(1);
    expect(wouldOf(rig).map(([id]) => id)).toEqual(["a", "b", "c"]);
  });

  it("gives up nothing that is in flight", () => {
    const eviction = { maxPerDecision: 2, confirmTimeoutMs: 10_000, graceMs: 10 };
    const rig = new FlowRig({ settings: observing({ eviction }) });
    const low = rig.submit({ id: "low", priority: -1 });
    rig.submit({ id: "high" });
    expect(low).toMatchObject({ evicted: undefined, isInFlight: true });
    expect(wouldOf(rig)).toEqual([
      ["low", "dispatched"],
      ["low", "evicted"],
      ["high", "dispatched"],
    ]);
    for (const request of rig.requests) request.end();
    nothingInFlight(rig);
  });

  it("refuses what no endpoint could take, and what comes after the end", () => {
    const rig = new FlowRig({ settings: observing() });
    expect(rig.submit({ subset: () => false }).answer).toBe("no-endpoints");
    expect(rig.submit({ filter: () => false }).answer).toBe("filtered-out");
    rig.flow.drain();
    expect(rig.submit().answer).toBe("shutting-down");
    expect(wouldOf(rig)).toEqual([]);
  });

  it("leaves nothing behind where a client ends within the answer", () => {
    const rig = new FlowRig({ settings: observing() });
    rig.submitAll(["a", "b"], { onDispatched: (request) => request.end() });
    expect(wouldOf(rig)).toHaveLength(2);
    nothingInFlight(rig);
  });
});

describe("the first token that would have been", () => {
  it.each([
    ["in time", 100, 400, "met"],
    ["late because of the wait", 100, 250, "missed"],
  ] as const)("is %s", (_, firstTokenMs, ttftTargetMs, verdict) => {
    const { late } = flowSettingsOf();
    const rig = new FlowRig({ settings: observing({ late: { ...late, other: "serve" } }) });
    const a = rig.submit({ id: "a" });
    const b = rig.submit({ id: "b", ttftTargetMs });
    rig.run(firstTokenMs);
    b.firstToken();
    rig.run(100);
    a.end();
    expect(rig.events).toContainEqual({ kind: "would-ttft", id: "b", verdict });
    expect(rig.events.filter(({ kind }) => kind === "would-ttft")).toHaveLength(1);
  });

  it("does not count against a capacity that is learned, where it comes in time", () => {
    const options = { ...defaultLearnedCapacity, initial: 10, windowSamples: 5 };
    const detector = { ...ledgerDetectorOf(1), capacity: { kind: "learned", options } } as FlowSettings["detector"];
    const rig = new FlowRig({ settings: observing({ detector }) });
    for (let i = 0; i < 20; i++) {
      const requests = rig.submitAll(
        ["a", "b", "c", "d", "e", "f", "g", "h", "i"].map((id) => id + i),
        { ttftTargetMs: 100 },
      );
      rig.run(50);
      for (const request of requests) request.firstToken();
      rig.run(200);
      for (const request of requests) request.end();
    }
    expect(rig.flow.status().saturation.endpoints[0]!.capacity).toBeGreaterThan(10);
  });
});

describe("a request beside more than enforcing lets through", () => {
  it("does not count against a capacity that is learned, however late it is", () => {
    const options = { ...defaultLearnedCapacity, min: 1, initial: 10, windowSamples: 5 };
    const detector = { ...ledgerDetectorOf(1), capacity: { kind: "learned", options } } as FlowSettings["detector"];
    const rig = new FlowRig({ settings: observing({ detector }) });
    const requests = Array.from({ length: 60 }, () => rig.submit({ ttftTargetMs: 100 }));
    rig.run(50);
    for (const request of requests.slice(0, 11)) request.firstToken();
    rig.run(10);
    for (const request of requests.slice(0, 11)) request.end();
    rig.run(400);
    expect(rig.flow.status().saturation.endpoints[0]!.capacity).toBe(10);
    for (const request of requests.slice(11)) {
      request.firstToken();
      request.end();
    }
    rig.run(10_000);
    nothingInFlight(rig);
  });
});

describe("what would have been is what is, where service takes as long beside others", () => {
  const { ttl, late } = flowSettingsOf();
  /** What a ceiling leaves depends on which endpoint was chosen before, so there it is one. */
  const cases: readonly (readonly [string, Partial<FlowSettings>, endpoints?: number])[] = [
    ["a queue without limits", {}],
    ["a queue with limits", { queue: queueOf({ maxRequests: 12 }, { maxRequests: 8 }) }],
    ["short lives", { ttl: { ...ttl, ofBandMs: new Map(), dynamicMs: 400, dynamicNegativeMs: 200 } }],
    ["deadlines", { late: { ...late, other: "shed", sheddable: "demote", demoteTo: -7 } }],
    [
      "ceilings",
      { usageLimit: { type: "priority-holdback-policy", domain: "rank", minCeiling: 0.5, maxCeiling: 1 } },
      1,
    ],
  ];
  const firstTokenMs = 30;

  type Planned = { readonly atMs: number; readonly serviceMs: number; readonly sketch: RequestSketch };
  const plan = (random: Random): readonly Planned[] => {
    let atMs = 0;
    return Array.from({ length: 300 }, (_, i) => {
      atMs += random() * 30;
      const sketch = {
        id: `r${i}`,
        priority: [-2, -1, 0, 3][Math.floor(random() * 4)]!,
        fairnessId: `t${Math.floor(random() * 3)}`,
        ttftTargetMs: random() < 0.5 ? 300 : undefined,
      };
      return { atMs, serviceMs: firstTokenMs + random() * 120, sketch };
    });
  };

  function played(settings: FlowSettings, endpoints: number, planned: readonly Planned[]): FlowRig {
    const rig = new FlowRig({ settings, endpoints: Array.from({ length: endpoints }, () => ({})) });
    for (const { atMs, serviceMs, sketch } of planned) {
      rig.clock.after(atMs, () => {
        rig.submit({
          ...sketch,
          onDispatched: (request) => {
            rig.clock.after(firstTokenMs, () => request.firstToken());
            rig.clock.after(serviceMs, () => request.end({ promptTokens: 60, outputTokens: 40 }));
          },
        });
      });
    }
    rig.run(1_000_000);
    return rig;
  }

  it.each(cases)("with %s", (_, given, endpoints = 2) => {
    const settings = flowSettingsOf({ detector: ledgerDetectorOf(4 / endpoints), ...given });
    for (let seed = 1; seed <= 5; seed++) {
      const planned = plan(seededRandom(seed));
      const enforced = played(settings, endpoints, planned);
      const observed = played({ ...settings, enforcement: "observe" }, endpoints, planned);
      const outcomes = eventsOf(enforced, "left");
      expect(eventsOf(observed, "would")).toEqual(outcomes);
      expect(outcomes.filter(([, , waitedMs]) => waitedMs > 0).length).toBeGreaterThan(50);
      nothingInFlight(observed);
    }
  });
});
