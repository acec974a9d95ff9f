import type { Bench, BenchCase } from "./compare.ts";
import { BandedQueue } from "../../picker/flow/queue/banded-queue.ts";
import { defaultBand, defaultProgramAware, defaultQueue, type BandSettings } from "../../picker/flow/queue/settings.ts";
import type { FlowRequest } from "../../picker/flow/flow-request.ts";
import { seededRandom } from "#random";

const flows = 2000;
const standing = 10_000;
const prepared = 1 << 14;
/** 10,000 requests a second. */
const betweenMs = 0.1;

/** Draws that come again and again; each arrival is a new request made of one. */
function drawsOf(seed: number): readonly FlowRequest[] {
  const random = seededRandom(seed);
  return Array.from({ length: prepared }, (_, i) => ({
    id: `${i}`,
    fairnessId: `tenant-${Math.floor(random() * flows)}`,
    priority: 0,
    objective: "chat",
    bytes: 2000,
    promptTokens: 1 + Math.floor(random() * 1000),
    expectedOutputTokens: 1 + Math.floor(random() * 500),
    arrivedAtMs: 0,
    expiresAtMs: random() * 60_000,
    ttftDeadlineAtMs: random() * 5000,
  }));
}

const arrivalOf = (draw: FlowRequest, nowMs: number): FlowRequest => ({
  ...draw,
  arrivedAtMs: nowMs,
  expiresAtMs: nowMs + draw.expiresAtMs!,
  ttftDeadlineAtMs: nowMs + draw.ttftDeadlineAtMs!,
});

/** What a first draft would be: a list a flow, every flow looked at for each dispatch. */
class NaiveQueue {
  readonly #flows = new Map<string, { readonly priority: number; tokens: number; readonly requests: FlowRequest[] }>();

  enqueue(request: FlowRequest): void {
    const key = `${request.priority} ${request.fairnessId}`;
    const flow = this.#flows.get(key) ?? { priority: request.priority, tokens: 0, requests: [] };
    flow.requests.push(request);
    this.#flows.set(key, flow);
  }

  take(): FlowRequest | undefined {
    const [best] = [...this.#flows.values()]
      .filter(({ requests }) => requests.length > 0)
      .toSorted((a, b) => b.priority - a.priority || a.tokens - b.tokens);
    const request = best?.requests.shift();
    if (request !== undefined) best!.tokens += request.promptTokens + request.expectedOutputTokens;
    return request;
  }
}

const isOpen = (): boolean => true;

/** One operation is one request: its making included, which both sides pay. */
function steadyCase(name: string, band: BandSettings): BenchCase {
  const draws = drawsOf(1);
  const limited = { ...band, maxRequests: undefined, maxBytes: undefined };
  const queue = new BandedQueue({ ...defaultQueue, bands: new Map([[0, limited]]) });
  const naive = new NaiveQueue();
  let next = 0;
  let nowMs = 0;
  const arrival = (): FlowRequest => {
    nowMs += betweenMs;
    return arrivalOf(draws[next++ % prepared]!, nowMs);
  };
  const candidate = (): FlowRequest => {
    queue.enqueue(arrival());
    const request = queue.peek(nowMs, isOpen)!;
    queue.take(request);
    queue.settle(request, { promptTokens: request.promptTokens, outputTokens: 100 }, nowMs);
    return request;
  };
  for (let i = 0; i < standing; i++) {
    queue.enqueue(arrival());
    naive.enqueue(arrival());
  }
  for (let i = 0; i < 5 * standing; i++) candidate();
  return {
    name: `${name}: enqueue, peek, take, settle; ${standing} queued in ${flows} flows`,
    baselineName: "list a flow, sorted for each dispatch",
    candidate,
    baseline: () => {
      naive.enqueue(arrival());
      return naive.take();
    },
  };
}

/** The pool has room: nothing waits, and what arrives is only charged. */
function passCase(): BenchCase {
  const requests = drawsOf(2);
  const queue = new BandedQueue(defaultQueue);
  const naive = new NaiveQueue();
  let next = 0;
  return {
    name: `weighted-cost: pass, settle; nothing queued, ${flows} flows`,
    baselineName: "list a flow, sorted for each dispatch",
    candidate: () => {
      const request = requests[next++ % prepared]!;
      queue.pass(request);
      queue.settle(request, { promptTokens: request.promptTokens, outputTokens: 100 }, 0);
      return request;
    },
    baseline: () => {
      naive.enqueue(requests[next++ % prepared]!);
      return naive.take();
    },
  };
}

export const bench: Bench = {
  name: "flow queue",
  cases: () => [
    steadyCase("weighted-cost", defaultBand),
    steadyCase("round-robin", { ...defaultBand, fairness: { kind: "round-robin" } }),
    steadyCase("global-strict, edf", { ...defaultBand, ordering: "edf", fairness: { kind: "global-strict" } }),
    steadyCase("program-aware", { ...defaultBand, fairness: defaultProgramAware }),
    passCase(),
  ],
};
