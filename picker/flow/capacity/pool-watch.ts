import { freshness, type Endpoint, type PoolSnapshot } from "#pool";
import type { Milliseconds } from "#units";
import type { SaturationMode } from "./saturation-detector.ts";

/** What a detector does about the pool's changes. */
export type PoolWatchHandlers = {
  /** The endpoint that had the slot is gone; another may have it already. */
  readonly onForget: (slot: number) => void;
  /** A new snapshot holds this endpoint. */
  readonly onEndpoint: (endpoint: Endpoint) => void;
};

const isSame = (a: Endpoint, b: Endpoint): boolean => a.id === b.id && a.hostPort === b.hostPort;

/** Follows the pool from snapshot to snapshot: who has which slot, whether anyone can be reached, whether anyone is fresh. */
export class PoolWatch {
  readonly #handlers: PoolWatchHandlers;
  readonly #staleAfterMs: Milliseconds;
  #seen: PoolSnapshot | undefined;
  #bySlot: (Endpoint | undefined)[] = [];
  #next: (Endpoint | undefined)[] = [];
  #allUnreachable = false;
  /** Instant of the newest scrape of an endpoint that can be reached. */
  #newestMs = Number.NEGATIVE_INFINITY;
  #nowMs = Number.NEGATIVE_INFINITY;

  constructor(staleAfterMs: Milliseconds, handlers: PoolWatchHandlers) {
    this.#staleAfterMs = staleAfterMs;
    this.#handlers = handlers;
  }

  update(snapshot: PoolSnapshot, nowMs: Milliseconds): void {
    this.#nowMs = nowMs;
    if (snapshot === this.#seen) return;
    this.#seen = snapshot;
    this.#assignSlots(snapshot);
    this.#allUnreachable = true;
    this.#newestMs = Number.NEGATIVE_INFINITY;
    for (const endpoint of snapshot.endpoints) {
      this.#handlers.onEndpoint(endpoint);
      if (endpoint.unreachable === true) continue;
      this.#allUnreachable = false;
      const { metrics } = endpoint;
      if (metrics !== undefined && metrics.observedAtMs > this.#newestMs) this.#newestMs = metrics.observedAtMs;
    }
  }

  #assignSlots({ endpoints }: PoolSnapshot): void {
    const before = this.#bySlot;
    const next = this.#next;
    next.fill(undefined);
    for (const endpoint of endpoints) next[endpoint.slot] = endpoint;
    for (let slot = 0; slot < before.length; slot++) {
      const old = before[slot];
      const now = next[slot];
      if (old !== undefined && (now === undefined || !isSame(old, now))) this.#handlers.onForget(slot);
    }
    this.#next = before;
    this.#bySlot = next;
  }

  get nowMs(): Milliseconds {
    return this.#nowMs;
  }

  get mode(): SaturationMode {
    if (this.#seen === undefined || this.#seen.endpoints.length === 0) return "no-endpoints";
    return this.nothingFresh ? "concurrency-only" : "normal";
  }

  /** No endpoint that can be reached has a fresh scrape. */
  get nothingFresh(): boolean {
    return this.#nowMs - this.#newestMs > this.#staleAfterMs;
  }

  isFresh({ metrics }: Endpoint): boolean {
    return freshness(metrics, this.#nowMs, this.#staleAfterMs) === "fresh";
  }

  /** False for an unreachable endpoint while another can be reached. */
  takesRequests({ unreachable }: Endpoint): boolean {
    return unreachable !== true || this.#allUnreachable;
  }

  /** The endpoint as the latest snapshot has it; undefined when its slot is not its own any more. */
  current(endpoint: Endpoint): Endpoint | undefined {
    const holder = this.#bySlot[endpoint.slot];
    return holder !== undefined && isSame(holder, endpoint) ? holder : undefined;
  }
}
