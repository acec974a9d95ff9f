import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { BandedQueue } from "../../../../../picker/flow/queue/banded-queue.ts";
import type { Ordering } from "../../../../../picker/flow/queue/settings.ts";
import type { FlowRequest } from "../../../../../picker/flow/flow-request.ts";
import { dispatch, enqueueAll, fairnessKinds, idsOf, requestOf, settingsOf } from "./request-of.ts";

const orderings: readonly (readonly [Ordering, (request: FlowRequest) => number])[] = [
  ["fcfs", () => 0],
  ["edf", ({ expiresAtMs }) => expiresAtMs ?? Infinity],
  ["slo-deadline", ({ ttftDeadlineAtMs }) => ttftDeadlineAtMs ?? Infinity],
];

const instant = fc.option(fc.nat(10), { nil: undefined });
const requests = fc.array(
  fc.record({
    fairnessId: fc.constantFrom("a", "b", "c"),
    priority: fc.constantFrom(-1, 0, 3),
    expiresAtMs: instant,
    ttftDeadlineAtMs: instant,
    isCancelled: fc.boolean(),
  }),
  { maxLength: 40 },
);

const byKey = (key: (request: FlowRequest) => number) => (a: FlowRequest, b: FlowRequest) =>
  key(a) === key(b) ? 0 : key(a) - key(b);

describe.each(orderings)("ordering %s", (ordering, key) => {
  it("with global-strict equals a stable sort by priority and key, cancelled requests left out", () => {
    fc.assert(
      fc.property(requests, (drawn) => {
        const queue = new BandedQueue(settingsOf({ ordering, fairness: fairnessKinds["global-strict"] }));
        const built = drawn.map((fields, i) => ({ ...requestOf({ ...fields, id: `${i}` }), ...fields }));
        enqueueAll(queue, built);
        for (const one of built) if (one.isCancelled) expect(queue.remove(one)).toBe(true);
        const want = built
          .filter(({ isCancelled }) => !isCancelled)
          .toSorted(byKey(key))
          .toSorted((a, b) => b.priority - a.priority);
        expect(idsOf(dispatch(queue))).toEqual(idsOf(want));
      }),
    );
  });

  it.each(Object.values(fairnessKinds))("orders each flow the same way under $kind", (fairness) => {
    fc.assert(
      fc.property(requests, (drawn) => {
        const queue = new BandedQueue(settingsOf({ ordering, fairness }));
        const built = drawn.map((fields, i) => requestOf({ ...fields, id: `${i}` }));
        enqueueAll(queue, built);
        const taken = dispatch(queue);
        expect(taken).toHaveLength(built.length);
        const flowOf = (list: readonly FlowRequest[], { fairnessId, priority }: FlowRequest) =>
          idsOf(list.filter((one) => one.fairnessId === fairnessId && one.priority === priority));
        const want = built.toSorted(byKey(key));
        for (const one of built) expect(flowOf(taken, one)).toEqual(flowOf(want, one));
      }),
    );
  });
});

it("orders an instant that is not a number as far future", () => {
  const queue = new BandedQueue(settingsOf({ ordering: "slo-deadline" }));
  const lost = requestOf({ id: "lost", ttftDeadlineAtMs: Number.NaN, expiresAtMs: Number.NaN });
  enqueueAll(queue, [lost, requestOf({ id: "soon", ttftDeadlineAtMs: 5 })]);
  expect(queue.nextExpiryAtMs).toBeUndefined();
  expect(idsOf(dispatch(queue))).toEqual(["soon", "lost"]);
});

it("lets a flow overtake the others as soon as it gets an earlier head", () => {
  const queue = new BandedQueue(settingsOf({ ordering: "edf", fairness: fairnessKinds["global-strict"] }));
  const of = (fairnessId: string, expiresAtMs: number) =>
    requestOf({ id: `${fairnessId}${expiresAtMs}`, fairnessId, expiresAtMs });
  enqueueAll(queue, [of("a", 3), of("b", 5), of("c", 9), of("c", 1)]);
  expect(idsOf(dispatch(queue))).toEqual(["c1", "a3", "b5", "c9"]);
});
