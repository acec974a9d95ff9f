import { describe, expect, it } from "@jest/globals";
import { BandedQueue } from "../../../../../picker/flow/queue/banded-queue.ts";
import { dispatch, enqueueAll, idsOf, requestOf, settingsOf } from "./request-of.ts";

describe("limits", () => {
  it.each([
    { limit: "global-requests", band: {}, queue: { maxRequests: 2 } },
    { limit: "global-bytes", band: {}, queue: { maxBytes: 29 } },
    { limit: "band-requests", band: { maxRequests: 2 }, queue: {} },
    { limit: "band-bytes", band: { maxBytes: 29 }, queue: {} },
    { limit: "dynamic-bands", band: {}, queue: { maxDynamicBands: 2 } },
    { limit: "global-bytes", band: { maxBytes: 29 }, queue: { maxRequests: 2, maxBytes: 29 } },
    { limit: "band-bytes", band: { maxRequests: 2, maxBytes: 29 }, queue: {} },
  ] as const)("answers $limit at $band $queue", ({ limit, band, queue: settings }) => {
    const queue = new BandedQueue(settingsOf(band, settings));
    const isOfBands = limit === "dynamic-bands";
    const third = requestOf({ priority: isOfBands ? 3 : 0 });
    enqueueAll(queue, [requestOf({ priority: isOfBands ? 1 : 0 }), requestOf({ priority: isOfBands ? 2 : 0 })]);
    expect(queue.enqueue(third)).toEqual({ kind: "rejected", limit });
    expect([queue.requests, queue.bytes, queue.has(third)]).toEqual([2, 20, false]);
    dispatch(queue, 1);
    expect(queue.enqueue(third)).toEqual({ kind: "queued" });
  });

  it("keeps one place for a request that is enqueued twice", () => {
    const queue = new BandedQueue(settingsOf());
    const request = requestOf();
    enqueueAll(queue, [request, request]);
    expect([queue.requests, dispatch(queue).length]).toEqual([1, 1]);
  });
});

describe("displace", () => {
  it("removes the youngest request of the lowest priority below the arrival's", () => {
    const queue = new BandedQueue(settingsOf({}, { maxRequests: 4 }));
    const [zero, minusOld, minusYoung, one] = [0, -5, -5, 1].map((priority, i) => requestOf({ id: `${i}`, priority }));
    enqueueAll(queue, [zero!, minusOld!, minusYoung!, one!]);
    const arrival = requestOf({ priority: 1 });
    expect(queue.enqueue(arrival)).toEqual({ kind: "rejected", limit: "global-requests" });
    expect(queue.displace(arrival)).toEqual([minusYoung]);
    expect(queue.enqueue(arrival)).toEqual({ kind: "queued" });
    expect(queue.displace(requestOf({ priority: 1 }))).toEqual([minusOld]);
    expect(queue.displace(requestOf({ priority: 1 }))).toEqual([]);
    enqueueAll(queue, [requestOf({ priority: 1 })]);
    expect(queue.displace(requestOf({ priority: 0 }))).toEqual([]);
    expect(queue.displace(requestOf({ priority: 2 }))).toEqual([zero]);
  });

  it("removes as many as the arrival's bytes need", () => {
    const queue = new BandedQueue(settingsOf({}, { maxBytes: 100 }));
    const low = Array.from({ length: 10 }, (_, i) => requestOf({ id: `${i}`, priority: -1 }));
    enqueueAll(queue, low);
    const arrival = requestOf({ bytes: 25 });
    expect(idsOf(queue.displace(arrival))).toEqual(["9", "8", "7"]);
    enqueueAll(queue, [arrival]);
    expect(queue.bytes).toBe(95);
  });

  it.each([
    { name: "room is not lacking", arrival: { bytes: 10 }, queue: {}, band: {} },
    { name: "the arrival is larger than the queue", arrival: { bytes: 101 }, queue: { maxBytes: 100 }, band: {} },
    { name: "its band is full", arrival: { bytes: 10 }, queue: { maxRequests: 3 }, band: { maxRequests: 1 } },
    { name: "it can have no band", arrival: { priority: 9 }, queue: { maxRequests: 3, maxDynamicBands: 2 }, band: {} },
  ])("removes nothing where $name", ({ arrival, queue: settings, band }) => {
    const queue = new BandedQueue(settingsOf(band, settings));
    enqueueAll(queue, [requestOf(), requestOf({ priority: -1 }), requestOf({ priority: -2 })]);
    expect(queue.displace(requestOf(arrival))).toEqual([]);
    expect(queue.requests).toBe(3);
  });
});
