/** Which requests in flight are given up for more important ones that wait. Source: llm-d-router, flow control, eviction. */
import type { Milliseconds } from "#units";
import type { FlowRequest } from "./flow-request.ts";
import type { InFlight } from "./in-flight.ts";
import type { EvictionSettings } from "./settings.ts";

/**
 * Stop and wait: no further eviction until the last ones are confirmed by the end of their streams, and the detector has
 * had the time to see it.
 */
export class Evictions {
  readonly #settings: EvictionSettings;
  readonly #unconfirmed = new Set<FlowRequest>();
  /** Told so, and in flight still. */
  readonly #givenUp = new Set<FlowRequest>();
  #evictedAtMs: Milliseconds = -Infinity;
  #confirmedAtMs: Milliseconds = -Infinity;

  constructor(settings: EvictionSettings) {
    this.#settings = settings;
  }

  /** The request has ended: where it was evicted, that is confirmed. */
  ended(request: FlowRequest, nowMs: Milliseconds): void {
    this.#givenUp.delete(request);
    if (this.#unconfirmed.delete(request) && this.#unconfirmed.size === 0) this.#confirmedAtMs = nowMs;
  }

  /** When the next decision may be made. */
  nextAtMs(): Milliseconds {
    const { confirmTimeoutMs, graceMs } = this.#settings;
    return this.#unconfirmed.size > 0 ? this.#evictedAtMs + confirmTimeoutMs : this.#confirmedAtMs + graceMs;
  }

  /**
   * Sheddable requests of a priority below that of the demand: lowest priority first, newest of those.
   * @param inFlight newest last
   * @param wanted how many requests of `priority` wait
   * @returns empty while the last eviction is not over
   */
  choose(inFlight: Iterable<InFlight>, priority: number, wanted: number, nowMs: Milliseconds): readonly InFlight[] {
    if (nowMs < this.nextAtMs()) return [];
    this.#unconfirmed.clear();
    const newestFirst = [...inFlight].toReversed();
    const evictable = newestFirst.filter(
      ({ request }) => request.priority < 0 && request.priority < priority && !this.#givenUp.has(request),
    );
    evictable.sort((a, b) => a.request.priority - b.request.priority);
    const victims = evictable.slice(0, Math.min(this.#settings.maxPerDecision, wanted));
    for (const { request } of victims) {
      this.#unconfirmed.add(request);
      this.#givenUp.add(request);
    }
    if (victims.length > 0) this.#evictedAtMs = nowMs;
    return victims;
  }
}
