import { describe, expect, it } from "@jest/globals";
import { defaultBand, type QueueSettings } from "../../../../picker/flow/queue/settings.ts";
import { FlowRig } from "../../../support/flow-rig.ts";
import { flowSettingsOf, queueOf } from "../../../support/flow-settings.ts";

const limited = (queue: Partial<QueueSettings>, displaces = true) =>
  new FlowRig({ settings: flowSettingsOf({ queue: queueOf(queue), displaces }) });

describe("displacement at a global limit", () => {
  it("takes the place of the youngest request of the lowest priority", () => {
    const rig = limited({ maxRequests: 3 });
    rig.submit({ id: "first" });
    rig.submit({ id: "s0", priority: -1 });
    rig.submit({ id: "t0", priority: -2 });
    rig.submit({ id: "t1", priority: -2 });
    const high = rig.submit({ id: "high", priority: 1 });
    expect(rig.decided.map(({ id, answer }) => [id, answer])).toEqual([
      ["first", "dispatched"],
      ["t1", "displaced"],
    ]);
    expect(rig.requests[3]!.refusal).toMatchObject({ status: 429, droppedReason: "evicted-priority" });
    expect(high.waiting).toBeDefined();
  });

  it("takes as many places as the bytes need", () => {
    const rig = limited({ maxBytes: 30 });
    rig.submitAll(["first", "s0", "s1", "s2"], { priority: -1 });
    rig.submit({ id: "high", bytes: 20 });
    expect(rig.requests.map(({ answer }) => answer)).toEqual([
      "dispatched",
      undefined,
      "displaced",
      "displaced",
      undefined,
    ]);
  });

  it.each([
    ["requests of its own priority are all there are", { priority: -1 }],
    ["they are too few to make room", { priority: 0, bytes: 41 }],
  ])("takes nobody's place where %s", (_, sketch) => {
    const rig = limited({ maxRequests: 3, maxBytes: 40 });
    rig.submitAll(["first", "s0", "s1", "s2"], { priority: -1 });
    expect(rig.submit(sketch).answer).toBe("queue-full");
    expect(rig.flow.status().queue.requests).toBe(3);
  });

  it("takes nobody's place while an endpoint has room", () => {
    const rig = new FlowRig({
      settings: flowSettingsOf({ queue: queueOf({ maxRequests: 1 }) }),
      endpoints: [{}, {}],
    });
    const onFirst = ({ name }: { readonly name: string }) => name === "pod-0";
    rig.submitAll(["first", "s0"], { priority: -1, subset: onFirst });
    expect(rig.submit({ id: "high" }).answer).toBe("dispatched");
    expect(rig.requests[1]!.answer).toBeUndefined();
  });

  it("can be turned off", () => {
    const rig = limited({ maxRequests: 1 }, false);
    rig.submitAll(["first", "s0"], { priority: -1 });
    expect(rig.submit({ priority: 1 }).answer).toBe("queue-full");
  });

  it("does not lift the limit of a band", () => {
    const settings = flowSettingsOf({ queue: queueOf({}, { maxRequests: 1 }) });
    const rig = new FlowRig({ settings });
    rig.submit({ id: "first" });
    rig.submitAll(["a", "s"], { priority: -1 });
    rig.submit({ id: "b" });
    rig.submit({ id: "c" });
    expect(rig.requests.map(({ answer }) => answer)).toEqual([
      "dispatched",
      undefined,
      "queue-full",
      undefined,
      "queue-full",
    ]);
  });
});

describe("a request that finds no place in the queue", () => {
  it.each([
    ["queue-full", [{}], { maxRequests: 0 }, 429],
    ["queue-full-no-endpoints", [], { maxRequests: 0 }, 503],
    ["no-band", [{}], { maxDynamicBands: 0 }, 503],
  ] as const)("is refused: %s", (kind, endpoints, queue, status) => {
    const trust = { ...flowSettingsOf().trust, unknownBand: "refuse" as const };
    const rig = new FlowRig({ settings: flowSettingsOf({ queue: queueOf(queue), trust }), endpoints });
    if (endpoints.length > 0) rig.submit();
    expect(rig.submit({ priority: 3 })).toMatchObject({ answer: kind, refusal: { status }, note: { waitedMs: 0 } });
  });
});

describe("a request that can have no band of its own", () => {
  const bands = new Map([4, 0, -3].map((priority) => [priority, defaultBand]));

  it.each([
    ["default", 2, 0],
    ["lowest", 2, -3],
    ["default", -5, undefined],
  ] as const)("waits, with the policy %s and the priority %d, in the band %s", (unknownBand, priority, band) => {
    const settings = flowSettingsOf({
      queue: queueOf({ bands, maxDynamicBands: 0 }),
      trust: { ...flowSettingsOf().trust, unknownBand },
    });
    const rig = new FlowRig({ settings });
    rig.submit();
    const request = rig.submit({ priority });
    expect(request.answer).toBe(band === undefined ? "no-band" : undefined);
    const waiting = rig.flow.status().queue.bands.filter(({ requests }) => requests > 0);
    expect(waiting.map(({ priority }) => priority)).toEqual(band === undefined ? [] : [band]);
    rig.serveAll();
    expect(request.note!.priority).toBe(band ?? priority);
  });
});

describe("a request that nothing could serve", () => {
  const nobody = () => false;

  it.each([
    ["no-endpoints", { subset: nobody }, 503],
    ["filtered-out", { filter: nobody }, 429],
  ] as const)("is refused at once: %s", (kind, sketch, status) => {
    const rig = new FlowRig();
    expect(rig.submit(sketch)).toMatchObject({ answer: kind, refusal: { status }, note: { waitedMs: 0 } });
    expect(rig.events).toEqual([{ kind: "left", id: "r0", outcome: kind, waitedMs: 0 }]);
  });

  it.each([0, -1])("is refused at once though the pool is full, of priority %d", (priority) => {
    const rig = new FlowRig();
    rig.submit();
    expect(rig.submit({ subset: nobody, priority }).answer).toBe("no-endpoints");
  });

  it("is refused while it waits, when the pool has lost what could", () => {
    const rig = new FlowRig({ endpoints: [{}, {}] });
    const onSecond = ({ name }: { readonly name: string }) => name === "pod-1";
    rig.submit({ subset: onSecond });
    const waits = rig.submit({ id: "waits", subset: onSecond });
    rig.run(40);
    rig.setEndpoints([{}]);
    expect(waits).toMatchObject({ answer: "no-endpoints", decidedAtMs: 40, note: { waitedMs: 40 } });
  });
});

describe("a request that is predicted late on arrival", () => {
  /** One ends each second, and five wait. */
  const draining = (priority: number) => {
    const rig = new FlowRig({ settings: flowSettingsOf({ queue: queueOf({ minShare: 0 }) }) });
    for (let i = 0; i < 25; i++) rig.submit({ priority });
    for (let i = 0; i < 19; i++) {
      rig.run(1000);
      rig.decided.find(({ isInFlight }) => isInFlight)!.end();
    }
    return rig;
  };

  it.each([
    ["refused at once where it is sheddable", { priority: -1, ttlHeader: "1000" }, "infeasible"],
    ["queued where there is time enough", { priority: -1, ttlHeader: "30000" }, undefined],
    ["queued where it is not sheddable", { priority: 0, ttlHeader: "1000" }, undefined],
  ])("is %s", (_, sketch, answer) => {
    expect(draining(sketch.priority).submit(sketch).answer).toBe(answer);
  });

  it("is told to come back when the queue is short enough", () => {
    const { refusal } = draining(-1).submit({ priority: -1, ttlHeader: "2000" });
    expect(refusal).toMatchObject({ status: 429, droppedReason: "rejected-saturated" });
    expect(refusal!.retryAfterSeconds).toBeGreaterThanOrEqual(2);
    expect(refusal!.retryAfterSeconds).toBeLessThanOrEqual(6);
  });

  it("is queued where nothing is known of the drain", () => {
    const rig = new FlowRig();
    rig.submit();
    expect(rig.submit({ priority: -1, ttlHeader: "1" }).answer).toBeUndefined();
  });

  it("is queued where the settings say so", () => {
    const { late } = flowSettingsOf();
    const settings = flowSettingsOf({ late: { ...late, refusesInfeasible: false } });
    const rig = new FlowRig({ settings });
    for (let i = 0; i < 10; i++) rig.submit();
    for (let i = 0; i < 5; i++) {
      rig.run(1000);
      rig.decided.find(({ isInFlight }) => isInFlight)!.end();
    }
    expect(rig.submit({ priority: -1, ttlHeader: "1" }).answer).toBeUndefined();
  });
});

describe("displaced requests", () => {
  it("do not make the queue look faster to those that come later", () => {
    const rig = limited({ maxRequests: 10, minShare: 0 });
    for (let second = 0; second < 30; second++) {
      for (let i = 0; i < 10; i++) rig.submit({ priority: -1 });
      rig.run(500);
      rig.submit();
      rig.run(500);
      rig.decided.find(({ isInFlight }) => isInFlight)!.end();
    }
    expect(rig.decided.some(({ answer }) => answer === "displaced")).toBe(true);
    expect(rig.submit({ priority: -1 })).toMatchObject({ answer: "infeasible", refusal: { retryAfterSeconds: 54 } });
  });
});

describe("refused requests", () => {
  it("do not count among those that go before a later one", () => {
    const bands = new Map([[1, { ...defaultBand, maxRequests: 0 }]]);
    const rig = new FlowRig({ settings: flowSettingsOf({ queue: { ...queueOf({ minShare: 0 }), bands } }) });
    for (let second = 0; second < 100; second++) {
      if (second % 10 === 0) for (let i = 0; i < 5; i++) rig.submit();
      if (rig.ledger.total > 0)
        for (let i = 0; i < 10; i++) expect(rig.submit({ priority: 1 }).answer).toBe("queue-full");
      rig.run(1000);
      rig.decided.find(({ isInFlight }) => isInFlight)?.end();
    }
    for (let i = 0; i < 3; i++) rig.submit();
    expect(rig.submit({ priority: -1, ttlHeader: "30000" }).answer).toBeUndefined();
  });
});
