import { describe, expect, it } from "@jest/globals";
import { BandedQueue } from "../../../../../picker/flow/queue/banded-queue.ts";
import { defaultBand, defaultQueue, type BandSettings } from "../../../../../picker/flow/queue/settings.ts";
import type { FlowRequest } from "../../../../../picker/flow/flow-request.ts";
import { enqueueAll, requestOf } from "./request-of.ts";

const queueWith = (band: Partial<BandSettings>): BandedQueue =>
  new BandedQueue({ ...defaultQueue, bands: new Map([[0, { ...defaultBand, ...band }]]) });

const of = (fairnessId: string, part: Partial<FlowRequest> = {}): FlowRequest =>
  requestOf({ fairnessId, bytes: 10, ...part });

describe("a full band", () => {
  it("makes room for another tenant at the cost of the youngest request of the one that crowds it", () => {
    const queue = queueWith({ maxRequests: 4 });
    const crowd = ["noisy", "noisy", "noisy"].map((id) => of(id));
    const other = of("other");
    enqueueAll(queue, [...crowd, other]);
    const arrival = of("quiet");
    expect(queue.enqueue(arrival)).toEqual({ kind: "rejected", limit: "band-requests" });
    expect(queue.yieldTo(arrival)).toEqual([crowd[2]]);
    expect(queue.enqueue(arrival)).toEqual({ kind: "queued" });
    expect([queue.requests, queue.has(other)]).toEqual([4, true]);
  });

  it.each<{ name: string; band: Partial<BandSettings>; queued: readonly string[]; arrival: FlowRequest }>([
    {
      name: "for the one that crowds it",
      band: { maxRequests: 3 },
      queued: ["noisy", "noisy", "noisy"],
      arrival: of("noisy"),
    },
    { name: "where nobody has more than it would", band: { maxRequests: 2 }, queued: ["a", "b"], arrival: of("c") },
    { name: "where it would only swap places", band: { maxRequests: 3 }, queued: ["a", "a", "b"], arrival: of("b") },
    {
      name: "where that is not enough",
      band: { maxBytes: 30 },
      queued: ["noisy", "noisy", "noisy"],
      arrival: of("quiet", { bytes: 11 }),
    },
    {
      name: "where its policy tells no tenants apart",
      band: { maxRequests: 3, fairness: { kind: "global-strict" } },
      queued: ["noisy", "noisy", "noisy"],
      arrival: of("quiet"),
    },
    { name: "in a band that is not there", band: {}, queued: ["a", "a"], arrival: of("b", { priority: 9 }) },
  ])("makes none $name", ({ band, queued, arrival }) => {
    const queue = queueWith(band);
    enqueueAll(
      queue,
      queued.map((id) => of(id)),
    );
    expect(queue.yieldTo(arrival)).toEqual([]);
    expect(queue.requests).toBe(queued.length);
  });
});
