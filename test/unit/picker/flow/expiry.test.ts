import { describe, expect, it } from "@jest/globals";
import type { LateSettings } from "../../../../picker/flow/settings.ts";
import { FlowRig } from "../../../support/flow-rig.ts";
import { flowSettingsOf } from "../../../support/flow-settings.ts";
import type { RequestSketch } from "../../../support/rig-request.ts";

const base = flowSettingsOf();
const lateOf = (late: Partial<LateSettings>) =>
  flowSettingsOf({ late: { ...base.late, refusesInfeasible: false, ...late } });
const ttlOf = (ms: number) => ({ ...base.ttl, ofBandMs: new Map([[0, ms]]), dynamicMs: ms, dynamicNegativeMs: ms });

describe("a request that waits for as long as it may", () => {
  it("leaves in that instant, by the timer alone", () => {
    const rig = new FlowRig({ settings: flowSettingsOf({ ttl: ttlOf(500) }) });
    const [, b] = rig.submitAll(["a", "b"]);
    rig.run(499);
    expect(b!.answer).toBeUndefined();
    rig.run(1);
    expect(b).toMatchObject({
      answer: "ttl-expired",
      decidedAtMs: 500,
      note: { waitedMs: 500 },
      refusal: { status: 429 },
    });
    expect(rig.flow.status().queue).toMatchObject({ requests: 0, bytes: 0, tokens: 0 });
  });

  it("leaves at its own time, whoever came before it", () => {
    const rig = new FlowRig({ settings: flowSettingsOf({ ttl: ttlOf(500) }) });
    rig.submit();
    rig.submit({ id: "long" });
    rig.submit({ id: "short", ttlHeader: "20" });
    rig.submit({ id: "middle", ttlHeader: "200" });
    rig.run(1000);
    expect(rig.decided.slice(1).map(({ id, decidedAtMs }) => [id, decidedAtMs])).toEqual([
      ["short", 20],
      ["middle", 200],
      ["long", 500],
    ]);
  });

  it("stays as long as its client where it has no limit", () => {
    const ttl = { ...base.ttl, ofBandMs: new Map([[0, undefined]]) };
    const rig = new FlowRig({ settings: flowSettingsOf({ ttl }) });
    const [, b] = rig.submitAll(["a", "b"]);
    rig.run(86_400_000);
    expect(b!.answer).toBeUndefined();
  });

  it("is answered for the pool as it is then", () => {
    const rig = new FlowRig({ settings: flowSettingsOf({ holdForZero: { budgetMs: 300, learned: undefined } }) });
    const [, b] = rig.submitAll(["a", "b"]);
    rig.run(100);
    rig.setEndpoints([]);
    rig.run(1000);
    expect(b).toMatchObject({ answer: "ttl-expired-no-endpoints", decidedAtMs: 400, refusal: { status: 503 } });
  });
});

describe("a request that can no longer be in time", () => {
  const sheddable: RequestSketch = { id: "b", priority: -1, ttftTargetMs: 200 };

  it.each<[string, Partial<LateSettings>, RequestSketch, string | undefined]>([
    ["is refused where it is sheddable", { sheddable: "shed" }, sheddable, "late"],
    ["waits on where it is served all the same", { sheddable: "serve" }, sheddable, undefined],
    ["waits on where it is not sheddable", { other: "serve" }, { ...sheddable, priority: 0 }, undefined],
    ["is refused where those that are not sheddable are", { other: "shed" }, { ...sheddable, priority: 0 }, "late"],
    ["is treated as its objective says", { byObjective: new Map([["chat", "serve"]]) }, sheddable, undefined],
    [
      "is refused by its header",
      { sheddable: "shed" },
      { ...sheddable, ttftTargetMs: undefined, ttftHeader: "200" },
      "late",
    ],
    ["is never late without a target", { sheddable: "shed" }, { ...sheddable, ttftTargetMs: undefined }, undefined],
  ])("%s", (_, late, sketch, answer) => {
    const rig = new FlowRig({ settings: lateOf(late) });
    rig.submit({ id: "a" });
    const b = rig.submit(sketch);
    rig.run(199);
    expect(b.answer).toBeUndefined();
    rig.run(1);
    expect(b.answer).toBe(answer);
  });

  it("leaves as early as the first token takes", () => {
    const rig = new FlowRig({ settings: lateOf({}) });
    const a = rig.submit({ id: "a" });
    rig.run(50);
    a.firstToken();
    const b = rig.submit(sheddable);
    rig.run(1000);
    expect(b).toMatchObject({ answer: "late", decidedAtMs: 200 });
  });

  it("is not late, but held too long, where the pool has lost its endpoints", () => {
    const rig = new FlowRig({ settings: { ...lateOf({}), holdForZero: { budgetMs: 500, learned: undefined } } });
    rig.submit({ id: "a" });
    const b = rig.submit(sheddable);
    rig.run(100);
    rig.setEndpoints([]);
    rig.run(5000);
    expect(b).toMatchObject({ answer: "ttl-expired-no-endpoints", decidedAtMs: 600 });
  });

  it("is not late because of the time without endpoints", () => {
    const rig = new FlowRig({ settings: lateOf({}), endpoints: [] });
    const b = rig.submit({ ...sheddable, subset: ({ name }) => name === "pod-0" });
    rig.run(1000);
    rig.setEndpoints([{}]);
    expect(b.answer).toBe("dispatched");
  });
});

describe("demotion", () => {
  const settings = lateOf({ sheddable: "demote", demoteTo: -9 });

  it("lets a late request wait on behind the others, and tells of it", () => {
    const rig = new FlowRig({ settings });
    const a = rig.submit({ id: "a" });
    const late = rig.submit({ id: "late", priority: -1, ttftTargetMs: 100 });
    rig.submit({ id: "c", priority: -5 });
    rig.run(100);
    expect(rig.events).toContainEqual({ kind: "demoted", id: "late", to: -9 });
    expect(rig.flow.status().queue.bands.find(({ priority }) => priority === -9)!.requests).toBe(1);
    a.end();
    expect(rig.order).toEqual(["a", "c"]);
    rig.requests[2]!.end();
    expect(late).toMatchObject({ answer: "dispatched", flow: { priority: -9 }, note: { priority: -9, waitedMs: 100 } });
  });

  it("comes once, whatever happens to the pool", () => {
    const rig = new FlowRig({ settings });
    rig.submit({ subset: ({ name }) => name === "pod-0" });
    rig.submit({ id: "late", priority: -1, ttftTargetMs: 100, subset: ({ name }) => name === "pod-0" });
    rig.run(150);
    rig.setEndpoints([]);
    rig.run(500);
    rig.setEndpoints([{}]);
    rig.run(2000);
    expect(rig.events.filter(({ kind }) => kind === "demoted")).toHaveLength(1);
  });

  it("leaves its time to live as it was", () => {
    const rig = new FlowRig({ settings: { ...settings, ttl: ttlOf(500) } });
    rig.submit();
    const late = rig.submit({ priority: -1, ttftTargetMs: 100 });
    rig.run(1000);
    expect(late).toMatchObject({ answer: "ttl-expired", decidedAtMs: 500 });
  });

  it.each([-9, -10])("changes nothing for a request of priority %d, which cannot go lower", (priority) => {
    const rig = new FlowRig({ settings });
    rig.submit();
    const late = rig.submit({ priority, ttftTargetMs: 100 });
    rig.run(1000);
    expect(late.answer).toBeUndefined();
    expect(rig.events.map(({ kind }) => kind)).toEqual(["left"]);
  });

  it("can be cancelled by the client that knows nothing of it", () => {
    const rig = new FlowRig({ settings });
    rig.submit();
    const late = rig.submit({ id: "late", priority: -1, ttftTargetMs: 100 });
    rig.run(150);
    late.cancel();
    expect(rig.flow.status().queue.requests).toBe(0);
    expect(rig.events.at(-1)).toEqual({ kind: "left", id: "late", outcome: "client-gone", waitedMs: 150 });
  });
});
