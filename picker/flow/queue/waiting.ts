import type { Bytes, Milliseconds, Tokens } from "#units";
import type { FlowRequest } from "../flow-request.ts";
import { expiryPlace, Flow, orFarFuture, wasEnqueuedBefore, type Queued } from "./flow.ts";
import { IndexedHeap } from "./indexed-heap.ts";

/** Objects kept to be used again. */
const maxKept = 16_384;

const nobody: FlowRequest = {
  id: "",
  fairnessId: "",
  priority: 0,
  objective: "",
  bytes: 0,
  promptTokens: 0,
  expectedOutputTokens: 0,
  arrivedAtMs: 0,
  expiresAtMs: undefined,
  ttftDeadlineAtMs: undefined,
};
const noFlow = new Flow();

const create = (): Queued => ({
  places: [-1, -1],
  request: nobody,
  flow: noFlow,
  tokens: 0,
  sequence: 0,
  older: undefined,
  younger: undefined,
});

/** All that is queued: by request, in the order of enqueueing, and by expiry; with exact sums. */
export class Waiting {
  readonly #byRequest = new Map<FlowRequest, Queued>();
  readonly #expiries = new IndexedHeap<Queued>(expiryPlace, wasEnqueuedBefore);
  readonly #free: Queued[] = [];
  /** Most requests leave right after they were the next to go. */
  #next: Queued | undefined;
  #bytes: Bytes = 0;
  #tokens: Tokens = 0;

  get size(): number {
    return this.#byRequest.size;
  }

  get bytes(): Bytes {
    return this.#bytes;
  }

  get tokens(): Tokens {
    return this.#tokens;
  }

  get nextExpiryAtMs(): Milliseconds | undefined {
    return this.#expiries.firstKey;
  }

  get(request: FlowRequest): Queued | undefined {
    return this.#next?.request === request ? this.#next : this.#byRequest.get(request);
  }

  /** The request that is the next to go, which is soon asked for. */
  next(queued: Queued): FlowRequest {
    this.#next = queued;
    return queued.request;
  }

  requests(): readonly FlowRequest[] {
    return [...this.#byRequest.keys()];
  }

  /** @param request is not queued */
  add(request: FlowRequest, tokens: Tokens, sequence: number): Queued {
    const queued = this.#free.pop() ?? create();
    queued.request = request;
    queued.tokens = tokens;
    queued.sequence = sequence;
    this.#byRequest.set(request, queued);
    this.#bytes += request.bytes;
    this.#tokens += tokens;
    this.#expireAt(queued, request.expiresAtMs);
    return queued;
  }

  /** @param queued stands in no flow any more; it may become another request after this */
  delete(queued: Queued): void {
    this.#byRequest.delete(queued.request);
    this.#expiries.remove(queued);
    const isEmpty = this.size === 0;
    this.#bytes = isEmpty ? 0 : this.#bytes - queued.request.bytes;
    this.#tokens = isEmpty ? 0 : this.#tokens - queued.tokens;
    queued.request = nobody;
    queued.flow = noFlow;
    queued.older = undefined;
    queued.younger = undefined;
    if (this.#free.length < maxKept) this.#free.push(queued);
  }

  expired(nowMs: Milliseconds): FlowRequest | undefined {
    const { first, firstKey } = this.#expiries;
    return first === undefined || firstKey! > nowMs ? undefined : first.request;
  }

  retime(expiryOf: (request: FlowRequest) => Milliseconds | undefined): void {
    this.#expiries.clear();
    for (const [request, queued] of this.#byRequest) this.#expireAt(queued, expiryOf(request));
  }

  #expireAt(queued: Queued, expiresAtMs: Milliseconds | undefined): void {
    const atMs = orFarFuture(expiresAtMs);
    if (atMs < Infinity) this.#expiries.push(queued, atMs);
  }
}
