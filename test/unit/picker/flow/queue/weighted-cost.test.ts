import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { seededRandom } from "#random";
import { BandedQueue } from "../../../../../picker/flow/queue/banded-queue.ts";
import type { FlowRequest } from "../../../../../picker/flow/flow-request.ts";
import { dispatch, enqueueAll, requestOf, settingsOf } from "./request-of.ts";

type Tenant = {
  readonly fairnessId: string;
  readonly weight: number;
  readonly meanTokens: number;
  /** Expected output by actual output. */
  readonly estimateBias: number;
};
type Dispatched = { readonly atMs: number; readonly fairnessId: string; readonly tokens: number };

const tokensPerMs = 1000;
const backlog = 20;

const weighted = (tenants: readonly Tenant[]) =>
  settingsOf({
    fairness: {
      kind: "weighted-cost",
      flowWeights: new Map(tenants.map(({ fairnessId, weight }) => [fairnessId, weight])),
      objectiveWeights: new Map(),
    },
  });

/** A pool of `tokensPerMs`, every tenant always backlogged, each request settled 50 to 500 ms after its dispatch. */
function serve(tenants: readonly Tenant[], durationMs: number, seed: number): readonly Dispatched[] {
  const random = seededRandom(seed);
  const queue = new BandedQueue(weighted(tenants));
  const actual = new Map<FlowRequest, number>();
  const running: { readonly request: FlowRequest; readonly endsAtMs: number }[] = [];
  const dispatched: Dispatched[] = [];
  const offer = ({ fairnessId, meanTokens, estimateBias }: Tenant): void => {
    const output = Math.round(meanTokens * (0.5 + random()) * 0.5);
    const request = requestOf({
      fairnessId,
      promptTokens: Math.round(meanTokens / 2),
      expectedOutputTokens: Math.round(output * estimateBias),
    });
    actual.set(request, output);
    enqueueAll(queue, [request]);
  };
  for (const tenant of tenants) for (let i = 0; i < backlog; i++) offer(tenant);
  for (let nowMs = 0; nowMs < durationMs;) {
    for (let i = running.length - 1; i >= 0; i--) {
      const { request, endsAtMs } = running[i]!;
      if (endsAtMs > nowMs) continue;
      queue.settle(request, { promptTokens: request.promptTokens, outputTokens: actual.get(request)! }, nowMs);
      running.splice(i, 1);
    }
    const request = queue.peek(nowMs, () => true)!;
    queue.take(request);
    running.push({ request, endsAtMs: nowMs + 50 + 450 * random() });
    const tokens = request.promptTokens + actual.get(request)!;
    dispatched.push({ atMs: nowMs, fairnessId: request.fairnessId, tokens });
    nowMs += tokens / tokensPerMs;
    offer(tenants.find(({ fairnessId }) => fairnessId === request.fairnessId)!);
  }
  return dispatched;
}

/** The largest deviation of any tenant's share from its weight, relative, over all windows of one second from `fromMs`. */
function worstDeviation(tenants: readonly Tenant[], dispatched: readonly Dispatched[], fromMs: number): number {
  const weights = tenants.reduce((sum, { weight }) => sum + weight, 0);
  const lastMs = dispatched.at(-1)!.atMs;
  let worst = 0;
  for (let startMs = fromMs; startMs + 1000 <= lastMs; startMs += 50) {
    const inside = dispatched.filter(({ atMs }) => atMs >= startMs && atMs < startMs + 1000);
    const total = inside.reduce((sum, { tokens }) => sum + tokens, 0);
    for (const { fairnessId, weight } of tenants) {
      const own = inside.reduce((sum, one) => sum + (one.fairnessId === fairnessId ? one.tokens : 0), 0);
      worst = Math.max(worst, Math.abs(own / total / (weight / weights) - 1));
    }
  }
  return worst;
}

const exact: readonly Tenant[] = [
  { fairnessId: "short", weight: 1, meanTokens: 200, estimateBias: 1 },
  { fairnessId: "long", weight: 2, meanTokens: 4000, estimateBias: 1 },
  { fairnessId: "heavy", weight: 4, meanTokens: 800, estimateBias: 1 },
];

describe("weighted-cost", () => {
  it.each([1, 2, 3])(
    "shares tokens by weight within 5 % over every busy second, sizes as expected (seed %i)",
    (seed) => {
      expect(worstDeviation(exact, serve(exact, 3000, seed), 0)).toBeLessThan(0.05);
    },
  );

  it.each([1, 2, 3])(
    "does so with outputs declared 4 times too short and too long, once requests end (seed %i)",
    (seed) => {
      const biased = exact.map((tenant, i) => ({ ...tenant, estimateBias: [0.25, 1, 4][i]! }));
      expect(worstDeviation(biased, serve(biased, 4000, seed), 1000)).toBeLessThan(0.05);
    },
  );

  it("keeps backlogged flows within one request each of their weights, at every dispatch", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 5, maxLength: 40 });
    const weights = fc.tuple(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 10 }));
    fc.assert(
      fc.property(sizes, sizes, weights, (a, b, [weightA, weightB]) => {
        const tenants = [
          { fairnessId: "a", weight: weightA, meanTokens: 0, estimateBias: 1 },
          { fairnessId: "b", weight: weightB, meanTokens: 0, estimateBias: 1 },
        ];
        const queue = new BandedQueue(weighted(tenants));
        for (const [fairnessId, list] of [["a", a] as const, ["b", b] as const]) {
          enqueueAll(
            queue,
            list.map((tokens) => requestOf({ fairnessId, promptTokens: tokens, expectedOutputTokens: 0 })),
          );
        }
        const bound = Math.max(...a) / weightA + Math.max(...b) / weightB;
        const served = { a: 0, b: 0 };
        const left = { a: a.length, b: b.length };
        while (left.a > 0 && left.b > 0) {
          const request = dispatch(queue, 1)[0]!;
          const id = request.fairnessId as "a" | "b";
          served[id] += request.promptTokens;
          left[id] -= 1;
          expect(Math.abs(served.a / weightA - served.b / weightB)).toBeLessThanOrEqual(bound + 1e-6);
        }
      }),
    );
  });

  it("multiplies a request's weight by that of its objective", () => {
    const queue = new BandedQueue(
      settingsOf({
        fairness: {
          kind: "weighted-cost",
          flowWeights: new Map([["a", 2]]),
          objectiveWeights: new Map([["gold", 3]]),
        },
      }),
    );
    for (let i = 0; i < 70; i++) {
      enqueueAll(queue, [requestOf({ fairnessId: "a", objective: "gold" }), requestOf({ fairnessId: "b" })]);
    }
    const ofA = dispatch(queue, 70).filter(({ fairnessId }) => fairnessId === "a").length;
    expect(ofA).toBe(60);
  });

  it("lets an idle flow save nothing up, and a debtor not escape by idling", () => {
    const queue = new BandedQueue(settingsOf());
    const of = (fairnessId: string, count: number) => Array.from({ length: count }, () => requestOf({ fairnessId }));
    enqueueAll(queue, of("busy", 200));
    dispatch(queue, 100);
    enqueueAll(queue, of("late", 50));
    const late = dispatch(queue, 20).filter(({ fairnessId }) => fairnessId === "late").length;
    expect(Math.abs(late - 10)).toBeLessThanOrEqual(1);
    const debtor = requestOf({ fairnessId: "debtor" });
    enqueueAll(queue, [debtor]);
    queue.take(debtor);
    queue.settle(debtor, { promptTokens: 60, outputTokens: 1040 }, 0);
    enqueueAll(queue, of("debtor", 5));
    const before = dispatch(queue, 20);
    expect(before.filter(({ fairnessId }) => fairnessId === "debtor")).toHaveLength(0);
  });

  it("starts flows level that come back when nothing else waits", () => {
    const queue = new BandedQueue(settingsOf());
    const of = (fairnessId: string, count: number) => Array.from({ length: count }, () => requestOf({ fairnessId }));
    enqueueAll(queue, of("old", 50));
    dispatch(queue);
    enqueueAll(queue, [...of("new", 30), ...of("old", 30)]);
    const ofNew = dispatch(queue, 20).filter(({ fairnessId }) => fairnessId === "new").length;
    expect(Math.abs(ofNew - 10)).toBeLessThanOrEqual(1);
  });

  it("charges nothing for what is cancelled, and corrects a flow that waits at once", () => {
    const queue = new BandedQueue(settingsOf());
    const cancelled = Array.from({ length: 5 }, () => requestOf({ fairnessId: "a" }));
    const [a1, b1, a2] = ["a", "b", "a"].map((fairnessId) => requestOf({ fairnessId }));
    enqueueAll(queue, [...cancelled, a1!, b1!, a2!]);
    for (const request of cancelled) queue.remove(request);
    enqueueAll(queue, [requestOf({ id: "b2", fairnessId: "b" })]);
    expect(dispatch(queue, 2)).toEqual([a1, b1]);
    expect(queue.peek(0, () => true)).toBe(a2);
    queue.settle(requestOf({ fairnessId: "a" }), { promptTokens: 60, outputTokens: 900 }, 0);
    expect(queue.peek(0, () => true)?.id).toBe("b2");
  });

  it("is not upset by tokens that are not known", () => {
    const queue = new BandedQueue(settingsOf());
    const unknown = requestOf({ fairnessId: "a", promptTokens: Number.NaN });
    enqueueAll(queue, [unknown, requestOf({ fairnessId: "b" }), requestOf({ fairnessId: "a" })]);
    expect(queue.tokens).toBe(201);
    queue.take(unknown);
    queue.settle(unknown, { promptTokens: Number.NaN, outputTokens: 1 }, 0);
    expect(dispatch(queue)).toHaveLength(2);
    expect(queue.tokens).toBe(0);
  });
});
