import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { BandedQueue } from "../../../../../picker/flow/queue/banded-queue.ts";
import { defaultProgramAware } from "../../../../../picker/flow/queue/settings.ts";
import type { FlowRequest } from "../../../../../picker/flow/flow-request.ts";
import { Attained } from "./attained-model.ts";
import { dispatch, enqueueAll, fairnessKinds, idsOf, requestOf, settingsOf } from "./request-of.ts";

const flows = ["a", "b", "c", "d", "e"] as const;
const action = fc.record({
  kind: fc.constantFrom("enqueue" as const, "enqueue" as const, "take" as const, "cancel" as const),
  fairnessId: fc.constantFrom(...flows),
  index: fc.nat(60),
});

describe("round-robin", () => {
  it("equals a cursor over the sorted ids of flows that have something queued", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 120 }), (actions) => {
        const queue = new BandedQueue(settingsOf({ fairness: fairnessKinds["round-robin"] }));
        const waiting: FlowRequest[] = [];
        let cursor = "";
        for (const { kind, fairnessId, index } of actions) {
          if (kind === "enqueue") {
            const request = requestOf({ fairnessId });
            waiting.push(request);
            enqueueAll(queue, [request]);
          } else if (kind === "cancel") {
            for (const request of waiting.splice(index, 1)) queue.remove(request);
          } else {
            const ids = [...new Set(waiting.map((one) => one.fairnessId))].toSorted();
            const id = ids.find((one) => one > cursor) ?? ids[0];
            const want = waiting.find((one) => one.fairnessId === id);
            expect(queue.peek(0, () => true)).toBe(want);
            if (want === undefined) continue;
            cursor = want.fairnessId;
            queue.take(want);
            waiting.splice(waiting.indexOf(want), 1);
          }
        }
      }),
    );
  });

  it("gives a skipped flow its missed turn back, once", () => {
    const queue = new BandedQueue(settingsOf({ fairness: fairnessKinds["round-robin"] }));
    enqueueAll(
      queue,
      flows.slice(0, 3).flatMap((fairnessId) => Array.from({ length: 5 }, () => requestOf({ fairnessId }))),
    );
    const blocked = queue.peek(0, () => true)!;
    queue.skip(blocked);
    const turns = (count: number) => dispatch(queue, count).map(({ fairnessId }) => fairnessId);
    expect(turns(4)).toEqual(["b", "c", "b", "c"]);
    queue.beginPass();
    expect(turns(5)).toEqual(["a", "a", "b", "c", "a"]);
  });
});

describe("program-aware", () => {
  const ended = fc.record({
    fairnessId: fc.constantFrom("a", "b", "c"),
    promptTokens: fc.nat(1000),
    outputTokens: fc.nat(1000),
    atMs: fc.oneof(fc.nat(30_000_000), fc.integer({ min: 29_000_000, max: 30_000_000 })),
  });

  it("picks the highest 0.8·(1 − attained) + 0.2·head wait, service fading with its half-life", () => {
    fc.assert(
      fc.property(
        fc.array(ended, { maxLength: 8 }),
        fc.tuple(fc.nat(9000), fc.nat(9000), fc.nat(9000)),
        (past, waits) => {
          const nowMs = 30_000_000;
          const queue = new BandedQueue(settingsOf({ fairness: fairnessKinds["program-aware"] }));
          const heads = (["a", "b", "c"] as const).map((fairnessId, i) =>
            requestOf({ fairnessId, arrivedAtMs: nowMs - waits[i]! }),
          );
          enqueueAll(queue, heads);
          for (const { atMs, ...used } of past.toSorted((a, b) => a.atMs - b.atMs)) {
            queue.settle(requestOf({ fairnessId: used.fairnessId }), used, atMs);
          }
          const serviceOf = (id: string) =>
            past
              .filter(({ fairnessId }) => fairnessId === id)
              .reduce(
                (sum, one) => sum + (one.promptTokens + 2 * one.outputTokens) * 0.5 ** ((nowMs - one.atMs) / 60_000),
                0,
              );
          const most = Math.max(...heads.map(({ fairnessId }) => serviceOf(fairnessId)));
          const longest = Math.max(...waits);
          const scores = heads.map(
            ({ fairnessId }, i) =>
              0.8 * (1 - (most === 0 ? 0 : serviceOf(fairnessId) / most)) +
              0.2 * (longest === 0 ? 0 : waits[i]! / longest),
          );
          const picked = heads.indexOf(queue.peek(nowMs, () => true)!);
          expect(scores[picked]).toBeCloseTo(Math.max(...scores), 9);
        },
      ),
    );
  });

  const event = fc.record({
    kind: fc.constantFrom("enqueue", "enqueue", "take", "take", "settle", "cancel", "skip"),
    fairnessId: fc.constantFrom(...flows),
    tokens: fc.nat(5000),
    passesMs: fc.oneof(fc.nat(50), fc.nat(30_000), fc.constant(20_000_000)),
  });

  it("stays, however long ago it ranked its flows, within 5 % of the weight of head wait below the best score", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 100 }), (events) => {
        const model = new Attained();
        for (const { kind, fairnessId, tokens, passesMs } of events) {
          model.nowMs += passesMs;
          if (kind === "enqueue") model.enqueue(fairnessId);
          else if (kind === "settle") model.settle(fairnessId, tokens);
          else if (kind === "cancel") model.cancel(tokens);
          else if (kind === "take") model.take();
          else model.skip();
        }
        while (model.waiting.length > 0) model.take();
      }),
    );
  });

  it("lets a head of less service go once its wait has caught up in proportion", () => {
    const queue = new BandedQueue(settingsOf({ fairness: { ...defaultProgramAware, halfLifeMs: 0 } }));
    const [older, younger] = [0, 50].map((arrivedAtMs) => requestOf({ fairnessId: `${arrivedAtMs}`, arrivedAtMs }));
    enqueueAll(queue, [older!, younger!]);
    queue.settle(older!, { promptTokens: 1000, outputTokens: 0 }, 60);
    queue.settle(younger!, { promptTokens: 900, outputTokens: 0 }, 60);
    expect(queue.peek(100, () => true)).toBe(older);
    expect(queue.peek(200, () => true)).toBe(younger);
  });

  it("does not fade with a half-life of 0", () => {
    const fairness = { ...defaultProgramAware, halfLifeMs: 0, headWaitWeight: 0 };
    const queue = new BandedQueue(settingsOf({ fairness }));
    enqueueAll(queue, [requestOf({ id: "used", fairnessId: "a" }), requestOf({ id: "fresh", fairnessId: "b" })]);
    queue.settle(requestOf({ fairnessId: "a" }), { promptTokens: 100, outputTokens: 0 }, 0);
    queue.settle(requestOf({ fairnessId: "b" }), { promptTokens: 99, outputTokens: 0 }, 1e7);
    expect(idsOf(dispatch(queue, 1, 1e7))).toEqual(["fresh"]);
  });
});
