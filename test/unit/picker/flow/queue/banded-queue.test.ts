import { describe, expect, it } from "@jest/globals";
import { BandedQueue } from "../../../../../picker/flow/queue/banded-queue.ts";
import { defaultBand, defaultQueue, QueueSettingsError } from "../../../../../picker/flow/queue/settings.ts";
import type { QueueSettings } from "../../../../../picker/flow/queue/settings.ts";
import { dispatch, enqueueAll, fairnessKinds, requestOf, settingsOf } from "./request-of.ts";

const always = (): boolean => true;

describe("bands", () => {
  const settings: QueueSettings = {
    ...defaultQueue,
    bands: new Map([[0, defaultBand]]),
    dynamicBand: { ...defaultBand, maxRequests: 1 },
    dynamicNegativeBand: { ...defaultBand, maxRequests: 2 },
    maxDynamicBands: 2,
    idleBandMs: 1000,
  };

  it("come from priorities, with the settings for their sign, and go when idle", () => {
    const queue = new BandedQueue(settings);
    enqueueAll(queue, [requestOf({ priority: 7 }), requestOf({ priority: -7 }), requestOf({ priority: -7 })]);
    expect(queue.priorities()).toEqual([7, 0, -7]);
    for (const priority of [7, -7]) {
      expect(queue.enqueue(requestOf({ priority }))).toEqual({ kind: "rejected", limit: "band-requests" });
    }
    expect(queue.sweep(0)).toEqual([]);
    dispatch(queue, 1);
    expect([queue.sweep(500), queue.sweep(1499), queue.sweep(1500)]).toEqual([[], [], [7]]);
    dispatch(queue);
    queue.sweep(2000);
    enqueueAll(queue, [requestOf({ priority: -7 })]);
    expect([queue.sweep(2999), queue.sweep(3001)]).toEqual([[], []]);
    dispatch(queue);
    expect([queue.sweep(3500), queue.sweep(4500), queue.priorities()]).toEqual([[], [-7], [0]]);
  });

  it("stay when something passed through them since the last sweep", () => {
    const queue = new BandedQueue(settings);
    enqueueAll(queue, [requestOf({ priority: 7 })]);
    dispatch(queue);
    queue.sweep(0);
    enqueueAll(queue, [requestOf({ priority: 7 })]);
    dispatch(queue);
    expect([queue.sweep(1000), queue.sweep(2000)]).toEqual([[], [7]]);
  });

  it("replace, at the bound, the empty one that was found idle first", () => {
    const queue = new BandedQueue(settings);
    enqueueAll(queue, [requestOf({ priority: 1 }), requestOf({ priority: 2 })]);
    expect(queue.enqueue(requestOf({ priority: 3 }))).toEqual({ kind: "rejected", limit: "dynamic-bands" });
    dispatch(queue, 1);
    queue.sweep(0);
    dispatch(queue, 1);
    enqueueAll(queue, [requestOf({ priority: 3 })]);
    expect(queue.priorities()).toEqual([3, 1, 0]);
  });

  it.each([
    { path: "minShare", found: 1, change: { minShare: 1 } },
    { path: "maxRequests", found: -1, change: { maxRequests: -1 } },
    { path: "dynamicBand.maxBytes", found: -2, change: { dynamicBand: { ...defaultBand, maxBytes: -2 } } },
    { path: "bands[0.5]", found: 0.5, change: { bands: new Map([[0.5, defaultBand]]) } },
    {
      path: "bands[0].fairness.flowWeights[a]",
      found: 0,
      change: {
        bands: new Map([
          [
            0,
            {
              ...defaultBand,
              fairness: {
                kind: "weighted-cost" as const,
                flowWeights: new Map([["a", 0]]),
                objectiveWeights: new Map(),
              },
            },
          ],
        ]),
      },
    },
  ])("are not built from a wrong $path", ({ path, found, change }) => {
    const build = (): BandedQueue => new BandedQueue({ ...defaultQueue, ...change });
    const caught = (): unknown => {
      try {
        return build();
      } catch (error) {
        return error;
      }
    };
    expect(caught()).toBeInstanceOf(QueueSettingsError);
    expect(caught()).toMatchObject({ data: { code: "QUEUE_SETTINGS", path, found } });
  });
});

describe("peek", () => {
  it("passes over a band that is not open, not over those above and below", () => {
    const queue = new BandedQueue(settingsOf());
    const [high, middle, low] = [2, 1, 0].map((priority) => requestOf({ priority }));
    enqueueAll(queue, [low!, middle!, high!]);
    expect(queue.peek(0, always)).toBe(high);
    expect(queue.peek(0, (priority) => priority !== 2)).toBe(middle);
    expect(queue.peek(0, (priority) => priority === 0)).toBe(low);
    expect(queue.peek(0, () => false)).toBeUndefined();
    expect(queue.requests).toBe(3);
  });

  it("does not ask about a band in which nothing waits", () => {
    const queue = new BandedQueue(settingsOf());
    const asked: number[] = [];
    enqueueAll(queue, [requestOf({ priority: -1 })]);
    queue.peek(0, (priority) => asked.push(priority) > 0);
    expect(asked).toEqual([-1]);
  });

  it.each(Object.values(fairnessKinds))("passes over skipped flows until the next pass, under $kind", (fairness) => {
    const queue = new BandedQueue(settingsOf({ fairness }));
    const [a1, b1] = ["a", "b"].map((fairnessId) => requestOf({ fairnessId }));
    const c1 = requestOf({ fairnessId: "a", priority: -1 });
    enqueueAll(queue, [a1!, b1!, c1]);
    queue.skip(a1!);
    queue.skip(a1!);
    enqueueAll(queue, [requestOf({ fairnessId: "a" })]);
    expect(queue.peek(0, always)).toBe(b1);
    queue.skip(b1!);
    expect(queue.peek(0, always)).toBe(c1);
    queue.take(c1);
    expect(queue.peek(0, always)).toBeUndefined();
    queue.remove(b1!);
    queue.beginPass();
    expect(queue.peek(0, always)).toBe(a1);
    expect(dispatch(queue)).toHaveLength(2);
  });
});

it.each(Object.values(fairnessKinds))(
  "skips a flow no longer than the request that could not go, under $kind",
  (fairness) => {
    const queue = new BandedQueue(settingsOf({ fairness }));
    const blocked = requestOf();
    enqueueAll(queue, [blocked]);
    queue.skip(blocked);
    queue.remove(blocked);
    const next = requestOf();
    enqueueAll(queue, [next]);
    expect(queue.peek(0, always)).toBe(next);
    queue.skip(next);
    expect(queue.peek(0, always)).toBeUndefined();
    queue.beginPass();
    expect(dispatch(queue)).toEqual([next]);
  },
);

describe("memory and summary", () => {
  it("forgets idle flows after their time and beyond their bound", () => {
    const queue = new BandedQueue(settingsOf({}, { maxIdleFlows: 3, idleFlowMs: 100 }));
    const idle = () => queue.summarize(0).bands[0]!.idleFlows;
    for (let i = 0; i < 10; i++) {
      enqueueAll(queue, [requestOf({ fairnessId: `${i}` })]);
      dispatch(queue);
    }
    expect(idle()).toBe(3);
    queue.sweep(0);
    queue.sweep(99);
    expect(idle()).toBe(3);
    queue.sweep(100);
    expect(idle()).toBe(0);
  });

  it("remembers nothing of idle flows under a policy without history", () => {
    const queue = new BandedQueue(settingsOf({ fairness: fairnessKinds["round-robin"] }));
    enqueueAll(queue, [requestOf({ fairnessId: "a" })]);
    dispatch(queue);
    expect(queue.summarize(0).bands[0]).toMatchObject({ busyFlows: 0, idleFlows: 0 });
  });

  it("tells requests, bytes, tokens, flows and the oldest age of each band, bounded", () => {
    const queue = new BandedQueue(settingsOf());
    const oldest = requestOf({ arrivedAtMs: 5, fairnessId: "a" });
    enqueueAll(queue, [oldest, requestOf({ arrivedAtMs: 8 }), requestOf({ priority: -2, bytes: 7 })]);
    expect(queue.summarize(20)).toEqual({
      requests: 3,
      bytes: 27,
      tokens: 300,
      bands: [
        {
          priority: 0,
          isStatic: true,
          requests: 2,
          bytes: 20,
          tokens: 200,
          oldestAgeMs: 15,
          busyFlows: 2,
          idleFlows: 0,
        },
        {
          priority: -2,
          isStatic: false,
          requests: 1,
          bytes: 7,
          tokens: 100,
          oldestAgeMs: 20,
          busyFlows: 1,
          idleFlows: 0,
        },
      ],
      omittedBands: 0,
    });
    queue.remove(oldest);
    const { bands, omittedBands } = queue.summarize(20, 1);
    expect([bands.length, bands[0]!.oldestAgeMs, omittedBands]).toEqual([1, 12, 1]);
    queue.drain();
    expect(queue.summarize(20).bands[0]!.oldestAgeMs).toBeUndefined();
  });
});
