import { it } from "@jest/globals";
import fc from "fast-check";
import { BandedQueue } from "../../../../../picker/flow/queue/banded-queue.ts";
import type { FlowRequest } from "../../../../../picker/flow/flow-request.ts";
import { CheckedQueue, type Bounds } from "./checked-queue.ts";
import { fairnessKinds, requestOf, settingsOf } from "./request-of.ts";

const bounds: Bounds = {
  queue: { maxRequests: 12, maxBytes: 400 },
  band: { maxRequests: 6, maxBytes: 250 },
  maxDynamicBands: 3,
};

const kinds = ["arrive", "pass", "take", "skip", "begin", "remove", "expire", "retime", "settle", "sweep"] as const;
const step = fc.record({
  kind: fc.constantFrom(...kinds, "arrive", "arrive", "take"),
  fairnessId: fc.constantFrom("a", "b", "c"),
  objective: fc.constantFrom("chat", "batch"),
  priority: fc.constantFrom(-3, -1, 0, 0, 2, 5),
  bytes: fc.nat(80),
  tokens: fc.nat(500),
  ttlMs: fc.option(fc.nat(30), { nil: undefined }),
  index: fc.nat(40),
  passesMs: fc.nat(5),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function requestOfStep({ fairnessId, objective, priority, bytes, tokens, ttlMs }: Step, nowMs: number): FlowRequest {
  const expiresAtMs = ttlMs === undefined ? undefined : nowMs + ttlMs;
  const costs = { bytes, promptTokens: tokens, expectedOutputTokens: tokens % 7 };
  return requestOf({ fairnessId, objective, priority, ...costs, arrivedAtMs: nowMs, expiresAtMs });
}

const act: Readonly<Record<Step["kind"], (checked: CheckedQueue, step: Step, queue: BandedQueue) => void>> = {
  arrive: (checked, one) => checked.arrive(requestOfStep(one, checked.nowMs)),
  pass: (checked, one) => checked.pass(requestOfStep(one, checked.nowMs)),
  take: (checked, { priority }) => checked.take(priority),
  skip: (checked, { priority }) => checked.skip(priority),
  begin: (checked) => checked.beginPass(),
  remove: (checked, { index }) => checked.remove(checked.arrived[index]),
  expire: (checked) => checked.expire(),
  retime: (checked, { ttlMs }) => checked.retime(ttlMs),
  settle: (checked, { index, tokens }) => checked.settle(checked.arrived[index], tokens),
  sweep: ({ nowMs }, _step, queue) => void queue.sweep(nowMs),
};

it.each(Object.values(fairnessKinds))("loses and doubles no request, and counts down to 0, under $kind", (fairness) => {
  const flowOf = ({ fairnessId, objective, priority }: FlowRequest): string =>
    `${fairnessId} ${priority} ${fairness.kind === "weighted-cost" ? objective : ""}`;
  const band = { ...bounds.band, fairness };
  const limits = { ...bounds.queue, maxDynamicBands: bounds.maxDynamicBands, minShare: 0.2 };
  const memory = { idleBandMs: 20, idleFlowMs: 10, maxIdleFlows: 1 };
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), fc.constantFrom("fcfs", "edf"), (steps, ordering) => {
      const queue = new BandedQueue(settingsOf({ ...band, ordering }, { ...limits, ...memory }));
      const checked = new CheckedQueue(queue, bounds, flowOf);
      for (const one of steps) {
        checked.nowMs += one.passesMs;
        act[one.kind](checked, one, queue);
        checked.check();
      }
      checked.empty();
      checked.check();
    }),
    { numRuns: 300 },
  );
});
