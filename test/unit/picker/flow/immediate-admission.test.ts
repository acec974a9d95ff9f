import { describe, expect, it } from "@jest/globals";
import { FlowRig } from "../../../support/flow-rig.ts";
import { flowSettingsOf } from "../../../support/flow-settings.ts";

const legacy = flowSettingsOf({ admission: "legacy" });

describe("legacy admission", () => {
  it.each([
    [-1, "saturated"],
    [0, "dispatched"],
    [5, "dispatched"],
  ])("while the pool is full: a request of priority %d is %s", (priority, answer) => {
    const rig = new FlowRig({ settings: legacy });
    rig.submit();
    expect(rig.submit({ priority })).toMatchObject({ answer, waiting: undefined });
    expect(rig.flow.status().queue.requests).toBe(0);
  });

  it.each([-1, 0])("admits a request of priority %d while any endpoint has room", (priority) => {
    const rig = new FlowRig({ settings: legacy, endpoints: [{}, {}] });
    rig.submit();
    expect(rig.submit({ priority }).answer).toBe("dispatched");
  });

  it("admits sheddable requests again once one has ended", () => {
    const rig = new FlowRig({ settings: legacy });
    rig.submit().end();
    expect(rig.submit({ priority: -1 }).answer).toBe("dispatched");
  });

  it("answers a shed with 429, its reason, and a time to come back", () => {
    const rig = new FlowRig({ settings: legacy });
    rig.submit();
    expect(rig.submit({ priority: -1 }).refusal).toMatchObject({
      status: 429,
      reason: "shed",
      droppedReason: "rejected-saturated",
      retryAfterSeconds: 5,
    });
    expect(rig.events.at(-1)).toEqual({ kind: "left", id: "r1", outcome: "saturated", waitedMs: 0 });
  });

  it("does not observe", () => {
    const rig = new FlowRig({ settings: { ...legacy, enforcement: "observe" } });
    rig.submit();
    expect(rig.submit({ priority: -1 }).answer).toBe("saturated");
  });

  it.each([
    ["no-endpoints", [], {}],
    ["no-endpoints", [{}], { subset: () => false }],
    ["filtered-out", [{}], { filter: () => false }],
  ])("refuses what nothing could serve: %s", (kind, endpoints, sketch) => {
    const rig = new FlowRig({ settings: legacy, endpoints });
    expect(rig.submit(sketch).answer).toBe(kind);
  });

  it("admits once the pool has an endpoint", () => {
    const rig = new FlowRig({ settings: legacy, endpoints: [] });
    rig.setEndpoints([{}]);
    expect(rig.submit().answer).toBe("dispatched");
  });

  it("refuses what comes while it shuts down", () => {
    const rig = new FlowRig({ settings: legacy });
    const first = rig.submit();
    rig.flow.drain();
    expect(rig.submit().answer).toBe("shutting-down");
    expect(first.isInFlight).toBe(true);
  });

  it("leaves nothing behind where a client ends within the answer", () => {
    const rig = new FlowRig({ settings: legacy });
    rig.submit({ onDispatched: (request) => request.end() });
    expect(rig.ledger.total).toBe(0);
  });
});
