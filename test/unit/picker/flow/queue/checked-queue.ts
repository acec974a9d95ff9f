import { expect } from "@jest/globals";
import type { BandedQueue } from "../../../../../picker/flow/queue/banded-queue.ts";
import type { FlowRequest } from "../../../../../picker/flow/flow-request.ts";

export type Limits = { readonly maxRequests: number; readonly maxBytes: number };
export type Bounds = { readonly queue: Limits; readonly band: Limits; readonly maxDynamicBands: number };

type Sums = readonly [requests: number, bytes: number, tokens: number];

const sums = (of: readonly FlowRequest[]): Sums => [
  of.length,
  of.reduce((sum, { bytes }) => sum + bytes, 0),
  of.reduce((sum, one) => sum + Math.max(1, one.promptTokens + one.expectedOutputTokens), 0),
];

const fits = (request: FlowRequest, beside: readonly FlowRequest[], { maxRequests, maxBytes }: Limits): boolean =>
  beside.length + 1 <= maxRequests && sums(beside)[1] + request.bytes <= maxBytes;

/** A queue beside a plain list of what it should hold; every request that arrives must leave it exactly once. */
export class CheckedQueue {
  readonly #queue: BandedQueue;
  readonly #bounds: Bounds;
  readonly #flowOf: (request: FlowRequest) => string;
  readonly #waiting: FlowRequest[] = [];
  readonly #expiresAtMs = new Map<FlowRequest, number | undefined>();
  readonly #left = new Map<FlowRequest, string>();
  readonly #skipped = new Set<string>();
  readonly arrived: FlowRequest[] = [];
  nowMs = 0;

  /** @param flowOf names the flow that a request belongs to */
  constructor(queue: BandedQueue, bounds: Bounds, flowOf: (request: FlowRequest) => string) {
    this.#queue = queue;
    this.#bounds = bounds;
    this.#flowOf = flowOf;
  }

  arrive(request: FlowRequest): void {
    this.arrived.push(request);
    const isQueued = this.#hasBand(request) && fits(request, this.#waiting, this.#bounds.queue);
    expect(this.#queue.enqueue(request).kind).toBe(isQueued ? "queued" : "rejected");
    if (!isQueued) {
      const victims = this.#victimsOf(request);
      expect(this.#queue.displace(request)).toEqual(victims);
      for (const victim of victims) this.#leave(victim, "displaced");
      if (victims.length === 0) return;
      expect(this.#queue.enqueue(request)).toEqual({ kind: "queued" });
    }
    this.#waiting.push(request);
    this.#expiresAtMs.set(request, request.expiresAtMs);
  }

  pass(request: FlowRequest): void {
    this.arrived.push(request);
    this.#queue.pass(request);
    this.#left.set(request, "dispatched");
  }

  take(closed: number): void {
    const next = this.#next(closed);
    if (next === undefined) return;
    expect(this.#queue.take(next)).toBe(true);
    this.#leave(next, "dispatched");
    expect(this.#queue.take(next) || this.#queue.remove(next)).toBe(false);
  }

  skip(closed: number): void {
    const next = this.#next(closed);
    if (next === undefined) return;
    this.#queue.skip(next);
    this.#skipped.add(this.#flowOf(next));
  }

  beginPass(): void {
    this.#queue.beginPass();
    this.#skipped.clear();
  }

  remove(request: FlowRequest | undefined): void {
    if (request === undefined) return;
    const isWaiting = this.#waiting.includes(request);
    expect(this.#queue.remove(request)).toBe(isWaiting);
    if (isWaiting) this.#leave(request, "removed");
  }

  expire(): void {
    const atMs = (request: FlowRequest): number => this.#expiresAtMs.get(request) ?? Infinity;
    const want = this.#waiting.filter((one) => atMs(one) <= this.nowMs).toSorted((a, b) => atMs(a) - atMs(b));
    expect(this.#queue.takeExpired(this.nowMs)).toEqual(want);
    for (const one of want) this.#leave(one, "expired");
  }

  retime(inMs: number | undefined): void {
    const expiryOf = ({ bytes }: FlowRequest) => (inMs === undefined ? undefined : this.nowMs + ((inMs * bytes) % 30));
    this.#queue.retime(expiryOf);
    for (const one of this.#waiting) this.#expiresAtMs.set(one, expiryOf(one));
  }

  settle(request: FlowRequest | undefined, tokens: number): void {
    if (request === undefined || this.#left.get(request) !== "dispatched") return;
    this.#queue.settle(request, { promptTokens: tokens, outputTokens: tokens }, this.nowMs);
  }

  /** Dispatches all that is left. */
  empty(): void {
    this.beginPass();
    while (this.#waiting.length > 0) this.take(Infinity);
    expect(this.#queue.peek(this.nowMs, () => true)).toBeUndefined();
  }

  check(): void {
    expect([this.#queue.requests, this.#queue.bytes, this.#queue.tokens]).toEqual(sums(this.#waiting));
    const expiries = this.#waiting.flatMap((one) => this.#expiresAtMs.get(one) ?? []);
    expect(this.#queue.nextExpiryAtMs).toBe(expiries.length === 0 ? undefined : Math.min(...expiries));
    for (const band of this.#queue.summarize(this.nowMs).bands) {
      const own = this.#waiting.filter(({ priority }) => priority === band.priority);
      expect([band.requests, band.bytes, band.tokens]).toEqual(sums(own));
      expect(band.busyFlows).toBe(new Set(own.map(this.#flowOf)).size);
      expect(band.oldestAgeMs).toBe(own[0] === undefined ? undefined : this.nowMs - own[0].arrivedAtMs);
    }
  }

  /** What the queue would dispatch while one priority may not. */
  #next(closed: number): FlowRequest | undefined {
    const next = this.#queue.peek(this.nowMs, (priority) => priority !== closed);
    const mayGo = (one: FlowRequest): boolean => one.priority !== closed && !this.#skipped.has(this.#flowOf(one));
    expect(next !== undefined).toBe(this.#waiting.some(mayGo));
    if (next !== undefined) expect(mayGo(next)).toBe(true);
    return next;
  }

  #leave(request: FlowRequest, how: string): void {
    expect(this.#left.get(request)).toBeUndefined();
    this.#left.set(request, how);
    const index = this.#waiting.indexOf(request);
    expect(index).toBeGreaterThanOrEqual(0);
    this.#waiting.splice(index, 1);
    const flow = this.#flowOf(request);
    if (!this.#waiting.some((one) => this.#flowOf(one) === flow)) this.#skipped.delete(flow);
  }

  #hasBand(request: FlowRequest): boolean {
    const priorities = [request, ...this.#waiting].map(({ priority }) => priority).filter((one) => one !== 0);
    const own = this.#waiting.filter(({ priority }) => priority === request.priority);
    return new Set(priorities).size <= this.#bounds.maxDynamicBands && fits(request, own, this.#bounds.band);
  }

  /** The youngest of the lowest priorities below the arrival's, no more than it needs; none where that is not enough. */
  #victimsOf(request: FlowRequest): readonly FlowRequest[] {
    const below = this.#waiting
      .filter(({ priority }) => priority < request.priority)
      .toSorted((a, b) => b.priority - a.priority);
    const victims: FlowRequest[] = [];
    const fitsNow = (): boolean => {
      const staying = this.#waiting.filter((one) => !victims.includes(one));
      return fits(request, staying, this.#bounds.queue);
    };
    while (!fitsNow() && below.length > 0) victims.push(below.pop()!);
    return this.#hasBand(request) && fitsNow() ? victims : [];
  }
}
