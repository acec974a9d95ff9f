import type { Bytes, Milliseconds, Tokens } from "#units";
import type { FlowRequest } from "../flow-request.ts";
import { Bands } from "./bands.ts";
import { crowdingRequest } from "./crowding.ts";
import type { ActualTokens } from "./fairness/fairness.ts";
import { expectedTokens } from "./flow.ts";
import { bandLimit, exceeds, type EnqueueOutcome } from "./limits.ts";
import { accountMinShare, isDue } from "./min-share.ts";
import { checkSettings, type QueueSettings } from "./settings.ts";
import { summarizeBand, type QueueSummary } from "./summary.ts";
import { Waiting } from "./waiting.ts";

export type { EnqueueOutcome, QueueLimit } from "./limits.ts";

/**
 * Whether a band may dispatch now. `isMinShare`: the band goes before all others because it is behind its minimum share, so
 * a ceiling that is to leave room for the others does not concern it.
 */
export type BandOpen = (priority: number, isMinShare: boolean) => boolean;

const queuedOutcome: EnqueueOutcome = { kind: "queued" };

/**
 * Requests that wait for dispatch: strict priority over bands, a fairness policy over the flows of a band, an ordering policy
 * within a flow. Every way in or out costs O(log n); a request leaves exactly once, by whichever way comes first.
 */
export class BandedQueue {
  readonly #settings: QueueSettings;
  readonly #bands: Bands;
  readonly #waiting = new Waiting();
  #sequence = 0;

  /** @throws QueueSettingsError */
  constructor(settings: QueueSettings) {
    checkSettings(settings);
    this.#settings = settings;
    this.#bands = new Bands(settings);
  }

  get requests(): number {
    return this.#waiting.size;
  }

  get bytes(): Bytes {
    return this.#waiting.bytes;
  }

  /** Expected tokens, prompt and output, of what is queued. */
  get tokens(): Tokens {
    return this.#waiting.tokens;
  }

  has(request: FlowRequest): boolean {
    return this.#waiting.get(request) !== undefined;
  }

  /** Limits are checked globally, then in the band; bytes before requests. A request that is queued already stays as it is. */
  enqueue(request: FlowRequest): EnqueueOutcome {
    if (this.has(request)) return queuedOutcome;
    const { maxBytes, maxRequests } = this.#settings;
    if (exceeds(maxBytes, this.bytes + request.bytes)) return { kind: "rejected", limit: "global-bytes" };
    if (exceeds(maxRequests, this.requests + 1)) return { kind: "rejected", limit: "global-requests" };
    const band = this.#bands.provide(request.priority);
    if (band === undefined) return { kind: "rejected", limit: "dynamic-bands" };
    const limit = bandLimit(band, request);
    if (limit !== undefined) return { kind: "rejected", limit };
    band.add(this.#waiting.add(request, expectedTokens(request), this.#sequence++));
    return queuedOutcome;
  }

  /**
   * Makes room under the global limits for an arrival that `enqueue` rejected: removes the youngest requests of the lowest
   * priorities below its own, no more than needed.
   * @returns what was removed; empty, with nothing removed, where that cannot make room or room is not lacking
   */
  displace(arrival: FlowRequest): readonly FlowRequest[] {
    let requests = this.requests + 1 - (this.#settings.maxRequests ?? Infinity);
    let bytes = this.bytes + arrival.bytes - (this.#settings.maxBytes ?? Infinity);
    const lower = this.#bands.ordered.filter(({ priority }) => priority < arrival.priority);
    if (requests > lower.reduce((sum, band) => sum + band.requests, 0)) return [];
    if (bytes > lower.reduce((sum, band) => sum + band.bytes, 0)) return [];
    const band = this.#bands.provide(arrival.priority);
    if (band === undefined || bandLimit(band, arrival) !== undefined) return [];
    const victims: FlowRequest[] = [];
    for (let i = lower.length - 1; i >= 0; i--) {
      for (let one = lower[i]!.youngest; one !== undefined && (requests > 0 || bytes > 0); one = one.older) {
        victims.push(one.request);
        requests -= 1;
        bytes -= one.request.bytes;
      }
    }
    for (const victim of victims) this.remove(victim);
    return victims;
  }

  /**
   * Makes room under the limits of its band for an arrival that `enqueue` rejected, at the cost of a flow that has more in it.
   * @returns what was removed: one request, or nothing where that cannot make room
   */
  yieldTo(arrival: FlowRequest): readonly FlowRequest[] {
    const band = this.#bands.get(arrival.priority);
    const request = band && crowdingRequest(band, arrival)?.request;
    if (band === undefined || request === undefined) return [];
    const { maxBytes = Infinity, maxRequests = Infinity } = band.settings;
    const fits = band.bytes - request.bytes + arrival.bytes <= maxBytes && band.requests <= maxRequests;
    if (!fits) return [];
    this.remove(request);
    return [request];
  }

  /**
   * The request to dispatch next, left in its place: of a sheddable band behind its minimum share, else of the highest
   * priority. Bands that `isOpen` refuses and flows skipped in this pass are passed over; those above and below are not.
   */
  peek(nowMs: Milliseconds, isOpen: BandOpen): FlowRequest | undefined {
    const { ordered } = this.#bands;
    for (let i = ordered.length - 1; i >= 0 && ordered[i]!.priority < 0; i--) {
      const band = ordered[i]!;
      if (!isDue(band)) continue;
      const head = band.head(nowMs);
      band.isHeldBack = head === undefined || !isOpen(band.priority, true);
      if (!band.isHeldBack) return this.#waiting.next(head!);
    }
    for (let i = 0; i < ordered.length; i++) {
      const head = ordered[i]!.head(nowMs);
      if (head !== undefined && isOpen(ordered[i]!.priority, false)) return this.#waiting.next(head);
    }
    return undefined;
  }

  /** Passes over the request's whole flow until the next pass, since its head cannot go now. */
  skip(request: FlowRequest): void {
    const queued = this.#waiting.get(request);
    if (queued !== undefined) this.#bands.get(request.priority)!.skip(queued.flow);
  }

  /** Begins a pass over the queue: no flow is skipped. */
  beginPass(): void {
    const { ordered } = this.#bands;
    for (let i = 0; i < ordered.length; i++) ordered[i]!.beginPass();
  }

  /** Removes a request because it is dispatched: its flow is charged. @returns false when it is not queued */
  take(request: FlowRequest): boolean {
    const queued = this.#waiting.get(request);
    if (queued === undefined) return false;
    const band = this.#bands.get(request.priority)!;
    accountMinShare(this.#bands.ordered, band, queued.tokens, this.#settings.minShare);
    band.delete(queued, true);
    this.#waiting.delete(queued);
    return true;
  }

  /** Removes a request that will not be dispatched. @returns false when it is not queued */
  remove(request: FlowRequest): boolean {
    const queued = this.#waiting.get(request);
    if (queued === undefined) return false;
    this.#bands.get(request.priority)!.delete(queued, false);
    this.#waiting.delete(queued);
    return true;
  }

  /**
   * Charges a request that is dispatched without having been queued, as if it had been enqueued and taken at once. No limit
   * applies; where it could have no band, only the minimum share is accounted.
   */
  pass(request: FlowRequest): void {
    const tokens = expectedTokens(request);
    const band = this.#bands.provide(request.priority);
    accountMinShare(this.#bands.ordered, band, tokens, this.#settings.minShare);
    band?.pass(request, tokens);
  }

  /** Once per taken request, when it has ended: replaces the tokens its flow was charged by those it used. */
  settle(request: FlowRequest, actual: ActualTokens, nowMs: Milliseconds): void {
    this.#bands.get(request.priority)?.settle(request, actual, nowMs);
  }

  /** When the next request expires; undefined: none will. */
  get nextExpiryAtMs(): Milliseconds | undefined {
    return this.#waiting.nextExpiryAtMs;
  }

  /** Removes what expires at `nowMs` or before, earliest first. */
  takeExpired(nowMs: Milliseconds): readonly FlowRequest[] {
    const expired: FlowRequest[] = [];
    for (let one = this.#waiting.expired(nowMs); one !== undefined; one = this.#waiting.expired(nowMs)) {
      expired.push(one);
      this.remove(one);
    }
    return expired;
  }

  /**
   * Sets anew when each queued request expires; undefined: never. O(n log n). The order within flows stays as it is.
   * @param expiryOf may not change the queue
   */
  retime(expiryOf: (request: FlowRequest) => Milliseconds | undefined): void {
    this.#waiting.retime(expiryOf);
  }

  /** Removes everything, in the order of enqueueing. */
  drain(): readonly FlowRequest[] {
    const drained = this.#waiting.requests();
    for (const request of drained) this.remove(request);
    return drained;
  }

  /** Forgets idle flows and removes idle dynamic bands; every minute is often enough. @returns the priorities of removed bands */
  sweep(nowMs: Milliseconds): readonly number[] {
    return this.#bands.sweep(nowMs);
  }

  /** What goes before a new request of this priority: all that is queued in its band and in those above it. */
  ahead(priority: number): { readonly requests: number; readonly tokens: Tokens } {
    const { ordered } = this.#bands;
    let requests = 0;
    let tokens: Tokens = 0;
    for (let i = 0; i < ordered.length && ordered[i]!.priority >= priority; i++) {
      requests += ordered[i]!.requests;
      tokens += ordered[i]!.tokens;
    }
    return { requests, tokens };
  }

  /** Priorities that have a band, highest first. */
  priorities(): readonly number[] {
    return this.#bands.priorities;
  }

  /** @param maxBands bounds the summary; the lowest priorities are left out and counted */
  summarize(nowMs: Milliseconds, maxBands = 32): QueueSummary {
    const { ordered } = this.#bands;
    return {
      requests: this.requests,
      bytes: this.bytes,
      tokens: this.tokens,
      bands: ordered.slice(0, maxBands).map((band) => summarizeBand(band, nowMs)),
      omittedBands: Math.max(0, ordered.length - maxBands),
    };
  }
}
