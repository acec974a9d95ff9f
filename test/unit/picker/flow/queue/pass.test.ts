import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { BandedQueue } from "../../../../../picker/flow/queue/banded-queue.ts";
import type { FlowRequest } from "../../../../../picker/flow/flow-request.ts";
import { dispatch, enqueueAll, fairnessKinds, idsOf, requestOf, settingsOf } from "./request-of.ts";

const action = fc.record({
  kind: fc.constantFrom("enqueue", "enqueue", "pass", "pass", "take", "skip", "begin", "settle", "sweep"),
  fairnessId: fc.constantFrom("a", "b"),
  objective: fc.constantFrom("chat", "batch"),
  priority: fc.constantFrom(-2, -1, 0, 0, 0, 0),
  tokens: fc.integer({ min: 1, max: 500 }),
  closed: fc.constantFrom(-2, -1, 0, 9, 9),
});

describe.each(Object.values(fairnessKinds))("pass under $kind", (fairness) => {
  const settings = settingsOf({ fairness }, { minShare: 0.2, maxIdleFlows: 3, idleFlowMs: 5, idleBandMs: 9 });

  it("charges as enqueueing and taking at once does", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
        const passing = new BandedQueue(settings);
        const queueing = new BandedQueue(settings);
        const gone: FlowRequest[] = [];
        for (const [nowMs, { kind, tokens, closed, ...fields }] of actions.entries()) {
          const request = requestOf({ ...fields, promptTokens: tokens, arrivedAtMs: nowMs, id: `${nowMs}` });
          const both = [passing, queueing];
          const next = passing.peek(nowMs, (priority) => priority !== closed);
          expect(queueing.peek(nowMs, (priority) => priority !== closed)).toBe(next);
          if (kind === "enqueue") for (const queue of both) enqueueAll(queue, [request]);
          if (kind === "begin") for (const queue of both) queue.beginPass();
          if (kind === "sweep") expect(passing.sweep(nowMs)).toEqual(queueing.sweep(nowMs));
          if (kind === "skip" && next !== undefined) for (const queue of both) queue.skip(next);
          if (kind === "take" && next !== undefined) for (const queue of both) queue.take(next);
          if (kind === "take" && next !== undefined) gone.push(next);
          const ended = gone[tokens % Math.max(1, gone.length)];
          const used = { promptTokens: tokens, outputTokens: tokens };
          if (kind === "settle" && ended !== undefined) for (const queue of both) queue.settle(ended, used, nowMs);
          if (kind !== "pass") continue;
          passing.pass(request);
          enqueueAll(queueing, [request]);
          queueing.take(request);
          gone.push(request);
        }
        expect(passing.summarize(99)).toEqual(queueing.summarize(99));
        for (const queue of [passing, queueing]) queue.beginPass();
        expect(idsOf(dispatch(passing, Infinity, 99))).toEqual(idsOf(dispatch(queueing, Infinity, 99)));
      }),
    );
  });
});

describe("pass", () => {
  it("is not stopped by a limit, and queues nothing", () => {
    const queue = new BandedQueue(settingsOf({ maxRequests: 1, maxBytes: 10 }, { maxRequests: 1, maxBytes: 10 }));
    enqueueAll(queue, [requestOf({ fairnessId: "a" })]);
    for (let i = 0; i < 5; i++) queue.pass(requestOf({ fairnessId: "a", bytes: 99 }));
    expect([queue.requests, queue.bytes, queue.tokens, queue.nextExpiryAtMs]).toEqual([1, 10, 100, undefined]);
    dispatch(queue);
    enqueueAll(queue, [requestOf({ fairnessId: "b" })]);
    expect(queue.requests).toBe(1);
  });

  it("adds no band beyond the bound, and accounts the minimum share all the same", () => {
    const queue = new BandedQueue(settingsOf({}, { maxDynamicBands: 1, minShare: 0.1 }));
    const low = requestOf({ priority: -1 });
    enqueueAll(queue, [low, requestOf()]);
    queue.pass(requestOf({ priority: 7 }));
    expect(queue.priorities()).toEqual([0, -1]);
    expect(queue.peek(0, () => true)).toBe(low);
  });

  it("charges an idle flow from where those that wait are, not from where it left", () => {
    const queue = new BandedQueue(settingsOf());
    enqueueAll(
      queue,
      Array.from({ length: 20 }, () => requestOf({ fairnessId: "busy" })),
    );
    dispatch(queue, 10);
    for (let i = 0; i < 3; i++) queue.pass(requestOf({ fairnessId: "idle" }));
    enqueueAll(queue, [requestOf({ fairnessId: "idle" })]);
    expect(dispatch(queue, 3).map(({ fairnessId }) => fairnessId)).toEqual(["busy", "busy", "busy"]);
  });

  it("can be settled", () => {
    const queue = new BandedQueue(settingsOf());
    const passed = requestOf({ fairnessId: "a" });
    queue.pass(passed);
    enqueueAll(queue, [requestOf({ id: "a", fairnessId: "a" }), requestOf({ id: "b", fairnessId: "b" })]);
    queue.settle(passed, { promptTokens: 60, outputTokens: 900 }, 0);
    expect(idsOf(dispatch(queue, 1))).toEqual(["b"]);
  });
});
