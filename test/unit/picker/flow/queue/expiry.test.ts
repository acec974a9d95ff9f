import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { BandedQueue } from "../../../../../picker/flow/queue/banded-queue.ts";
import type { FlowRequest } from "../../../../../picker/flow/flow-request.ts";
import { dispatch, enqueueAll, idsOf, requestOf, settingsOf } from "./request-of.ts";

describe("expiry", () => {
  it("knows the next instant and gives what has expired, earliest first", () => {
    const queue = new BandedQueue(settingsOf());
    const [late, soon, tie, never] = [30, 10, 10, undefined].map((expiresAtMs, i) =>
      requestOf({ id: `${i}`, expiresAtMs, priority: i }),
    );
    enqueueAll(queue, [late!, soon!, tie!, never!]);
    expect(queue.nextExpiryAtMs).toBe(10);
    expect(queue.takeExpired(9.9)).toEqual([]);
    expect(queue.takeExpired(10)).toEqual([soon, tie]);
    queue.take(late!);
    expect(queue.nextExpiryAtMs).toBeUndefined();
    expect(queue.takeExpired(Infinity)).toEqual([]);
    expect(queue.drain()).toEqual([never]);
  });
});

describe("retime", () => {
  const instant = fc.option(fc.nat(20), { nil: undefined });

  it("sets every expiry anew, of what is still queued and of nothing else", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ before: instant, after: instant, leaves: fc.boolean() })), (drawn) => {
        const queue = new BandedQueue(settingsOf());
        const requests = drawn.map(({ before }, i) => requestOf({ id: `${i}`, expiresAtMs: before }));
        enqueueAll(queue, requests);
        for (const [i, { leaves }] of drawn.entries()) if (leaves) queue.remove(requests[i]!);
        const asked: FlowRequest[] = [];
        queue.retime((request) => {
          asked.push(request);
          return drawn[Number(request.id)]!.after;
        });
        const staying = requests.filter((_, i) => !drawn[i]!.leaves);
        expect(asked).toEqual(staying);
        const expiring = staying
          .map((request) => ({ request, atMs: drawn[Number(request.id)]!.after }))
          .filter(({ atMs }) => atMs !== undefined)
          .toSorted((a, b) => a.atMs! - b.atMs!);
        expect(queue.nextExpiryAtMs).toBe(expiring[0]?.atMs);
        const due = expiring.filter(({ atMs }) => atMs! <= 10).map(({ request }) => request);
        expect(queue.takeExpired(10)).toEqual(due);
        expect(queue.requests).toBe(staying.length - due.length);
      }),
    );
  });

  it("leaves the order by deadline as it was at enqueueing", () => {
    const queue = new BandedQueue(settingsOf({ ordering: "edf" }));
    enqueueAll(queue, [requestOf({ id: "late", expiresAtMs: 20 }), requestOf({ id: "soon", expiresAtMs: 10 })]);
    queue.retime(({ id }) => (id === "late" ? 5 : Number.NaN));
    expect(queue.nextExpiryAtMs).toBe(5);
    enqueueAll(queue, [requestOf({ id: "middle", expiresAtMs: 15 })]);
    expect(idsOf(dispatch(queue))).toEqual(["soon", "middle", "late"]);
    expect(queue.nextExpiryAtMs).toBeUndefined();
  });
});
