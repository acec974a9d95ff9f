import type { BandSettings, FairnessSettings, QueueSettings } from "../../../../../picker/flow/queue/settings.ts";
import { defaultBand, defaultProgramAware, defaultQueue } from "../../../../../picker/flow/queue/settings.ts";
import type { BandedQueue } from "../../../../../picker/flow/queue/banded-queue.ts";
import type { FlowRequest } from "../../../../../picker/flow/flow-request.ts";

/** A small request of priority 0 that may wait for ever. */
export const requestOf = (fields: Partial<FlowRequest> = {}): FlowRequest => ({
  id: "r",
  fairnessId: "default-flow",
  priority: 0,
  objective: "chat",
  bytes: 10,
  promptTokens: 60,
  expectedOutputTokens: 40,
  arrivedAtMs: 0,
  expiresAtMs: undefined,
  ttftDeadlineAtMs: undefined,
  ...fields,
});

export const fairnessKinds: Readonly<Record<FairnessSettings["kind"], FairnessSettings>> = {
  "global-strict": { kind: "global-strict" },
  "round-robin": { kind: "round-robin" },
  "program-aware": defaultProgramAware,
  "weighted-cost": defaultBand.fairness,
};

/** Settings whose every band, static 0 and dynamic, is like `band`. */
export function settingsOf(band: Partial<BandSettings> = {}, queue: Partial<QueueSettings> = {}): QueueSettings {
  const full = { ...defaultBand, ...band };
  return {
    ...defaultQueue,
    bands: new Map([[0, full]]),
    dynamicBand: full,
    dynamicNegativeBand: full,
    minShare: 0,
    ...queue,
  };
}

/** Takes up to `count` requests in the order of dispatch. */
export function dispatch(queue: BandedQueue, count = Infinity, nowMs = 0): readonly FlowRequest[] {
  const taken: FlowRequest[] = [];
  while (taken.length < count) {
    const request = queue.peek(nowMs, () => true);
    if (request === undefined) break;
    queue.take(request);
    taken.push(request);
  }
  return taken;
}

/** Enqueues; a refusal is a mistake of the test. */
export function enqueueAll(queue: BandedQueue, requests: readonly FlowRequest[]): void {
  for (const request of requests) {
    const outcome = queue.enqueue(request);
    if (outcome.kind !== "queued") throw new Error(`rejected: ${outcome.limit}`);
  }
}

export const idsOf = (requests: readonly FlowRequest[]): readonly string[] => requests.map(({ id }) => id);
