import { describe, expect, it } from "@jest/globals";
import { FlowRig } from "../../../support/flow-rig.ts";
import { flowSettingsOf, ledgerDetectorOf } from "../../../support/flow-settings.ts";

const counters = (rig: FlowRig) => {
  const { requests, bytes, tokens } = rig.flow.status().queue;
  return { inFlight: rig.ledger.total, requests, bytes, tokens };
};
const nothing = { inFlight: 0, requests: 0, bytes: 0, tokens: 0 };

describe("a client that leaves while it waits", () => {
  it("frees its place and is counted", () => {
    const rig = new FlowRig();
    const [a, b] = rig.submitAll(["a", "b", "c"]);
    rig.run(30);
    b!.cancel();
    expect(rig.flow.status().queue.requests).toBe(1);
    expect(rig.events.at(-1)).toEqual({ kind: "left", id: "b", outcome: "client-gone", waitedMs: 30 });
    a!.end();
    expect(rig.order).toEqual(["a", "c"]);
  });

  it("is told nothing, and leaves once", () => {
    const rig = new FlowRig();
    const [a, b] = rig.submitAll(["a", "b"]);
    b!.cancel();
    b!.waiting!.cancel();
    a!.end();
    rig.run(100_000);
    expect(b!.answer).toBeUndefined();
    expect(rig.events.filter(({ id }) => id === "b")).toHaveLength(1);
    expect(counters(rig)).toEqual(nothing);
  });

  it("changes nothing once it is decided", () => {
    const rig = new FlowRig();
    const [a, b] = rig.submitAll(["a", "b"]);
    a!.end();
    b!.waiting!.cancel();
    expect(rig.events.map(({ kind }) => kind)).toEqual(["left", "left"]);
    expect(rig.ledger.total).toBe(1);
  });
});

describe("a client that ends within the answer", () => {
  it("leaves nothing behind and lets the next one go", () => {
    const rig = new FlowRig();
    const first = rig.submit({ id: "first" });
    const ending = { onDispatched: (request: { end: () => void }) => request.end() };
    const [, last] = rig.submitAll(["a", "b"], ending);
    first.end();
    expect(rig.order).toEqual(["first", "a", "b"]);
    expect(last!.isEnded).toBe(true);
    expect(counters(rig)).toEqual(nothing);
  });

  it("leaves nothing behind where it did not wait", () => {
    const rig = new FlowRig();
    rig.submitAll(["a", "b"], { onDispatched: (request) => request.end() });
    expect(rig.order).toEqual(["a", "b"]);
    expect(counters(rig)).toEqual(nothing);
  });
});

describe("an end within another's answer", () => {
  it("lets a flow go that was passed over before", () => {
    const rig = new FlowRig({ endpoints: [{}, {}] });
    const onFirst = { subset: ({ name }: { readonly name: string }) => name === "pod-0" };
    const onSecond = { subset: ({ name }: { readonly name: string }) => name === "pod-1" };
    const first = rig.submit({ id: "first", ...onFirst });
    const second = rig.submit({ id: "second", ...onSecond });
    rig.submit({ id: "x", fairnessId: "x", ...onFirst });
    rig.submit({ id: "y", fairnessId: "y", ...onSecond, onDispatched: () => first.end() });
    second.end();
    expect(rig.order).toEqual(["first", "second", "y", "x"]);
  });
});

describe("an arrival within an answer", () => {
  it("goes behind what waits", () => {
    const settings = flowSettingsOf({ detector: ledgerDetectorOf(4) });
    const rig = new FlowRig({ settings, endpoints: [] });
    rig.submit({ id: "a", onDispatched: () => void rig.submit({ id: "c" }) });
    rig.submit({ id: "b" });
    rig.setEndpoints([{}]);
    expect(rig.order).toEqual(["a", "b", "c"]);
  });
});

describe("shutting down", () => {
  it("refuses what waits and what comes, and lets what is in flight go on", () => {
    const rig = new FlowRig();
    const [a, b] = rig.submitAll(["a", "b"]);
    rig.flow.drain();
    expect(b).toMatchObject({ answer: "shutting-down-queued", refusal: { status: 503, retryAfterSeconds: 1 } });
    expect(rig.submit()).toMatchObject({ answer: "shutting-down", refusal: { status: 503, retryAfterSeconds: 1 } });
    expect(a).toMatchObject({ isInFlight: true, evicted: undefined });
    a!.end();
    expect(counters(rig)).toEqual(nothing);
  });

  it("refuses within a pass what that pass has not come to", () => {
    const settings = flowSettingsOf({ detector: ledgerDetectorOf(4) });
    const rig = new FlowRig({ settings, endpoints: [] });
    rig.submit({ id: "a", onDispatched: () => rig.flow.drain() });
    const b = rig.submit({ id: "b" });
    rig.setEndpoints([{}]);
    expect(b.answer).toBe("shutting-down-queued");
    expect(counters(rig)).toEqual({ ...nothing, inFlight: 1 });
  });
});
