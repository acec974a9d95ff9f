/** The requests that wait, and every way in which one stops waiting. */
import type { Endpoint } from "#pool";
import type { Milliseconds } from "#units";
import { noteOf, type Asking } from "./asking.ts";
import { expiryOf, ttlEndsAtMs } from "./deadline/time-limits.ts";
import { Evictions } from "./eviction.ts";
import type { FlowNote, Waiting } from "./flow-control.ts";
import { chargedTokens, type FlowEvents } from "./flow-events.ts";
import type { FlowRequest } from "./flow-request.ts";
import type { Gate } from "./gate.ts";
import type { InFlightRequests } from "./in-flight.ts";
import type { PoolRegime } from "./pool-regime.ts";
import type { BandedQueue, EnqueueOutcome } from "./queue/banded-queue.ts";
import { refusedAtExpiry, refusedAtLimit } from "./refusal/refuse.ts";
import type { Refuser } from "./refuser.ts";
import type { RoomForecast } from "./room-forecast.ts";
import type { FlowSettings } from "./settings.ts";
import { resolveBand } from "./trust/resolve-band.ts";
import { WakeUp, type AfterTimer } from "./wake-up.ts";

export type DispatcherParts = {
  readonly settings: FlowSettings;
  readonly now: () => Milliseconds;
  readonly timers: AfterTimer;
  readonly events: FlowEvents;
  readonly queue: BandedQueue;
  readonly gate: Gate;
  readonly forecast: RoomForecast;
  readonly regime: PoolRegime;
  readonly inFlight: InFlightRequests;
  readonly refuser: Refuser;
};

/** Longest piece of work before the event loop has its turn. */
const longestPassMs: Milliseconds = 2;
/** With nothing in flight no end of a request opens the gate, and time alone may. */
const retryEveryMs: Milliseconds = 100;

/** Moves requests out of the queue: to endpoints as there is room, or away. */
export class Dispatcher {
  readonly #parts: DispatcherParts;
  readonly #evictions: Evictions | undefined;
  readonly #queued = new Map<FlowRequest, Asking>();
  readonly #wake: WakeUp;
  #isPassing = false;
  #passAgain = false;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    this.#evictions = parts.settings.eviction && new Evictions(parts.settings.eviction);
    this.#wake = new WakeUp(parts.timers, parts.now, () => this.#onWake());
  }

  /** Lets a request wait. @returns undefined where it is decided: there is no place for it, or room was made at once */
  enqueue(asking: Asking, nowMs: Milliseconds): Waiting | undefined {
    const { regime, refuser } = this.#parts;
    const outcome = this.#findPlace(asking, nowMs);
    if (outcome.kind === "rejected") {
      return refuser.refuse(asking, refusedAtLimit(outcome.limit, regime.current.isPoolEmpty), nowMs);
    }
    const { request } = asking;
    this.#parts.forecast.drain.arrived(request.priority, chargedTokens(request), nowMs);
    this.#queued.set(request, asking);
    this.#settle(nowMs);
    return this.#queued.has(request) ? { cancel: () => this.#cancel(asking) } : undefined;
  }

  /** In its own band, in that of displaced requests, or, where it can have none of its own, in a band below. */
  #findPlace(asking: Asking, nowMs: Milliseconds): EnqueueOutcome {
    const { queue, settings, refuser } = this.#parts;
    const outcome = queue.enqueue(asking.request);
    if (outcome.kind === "queued") return outcome;
    if (outcome.limit === "dynamic-bands") {
      const priority = resolveBand(asking.request.priority, queue.priorities(), settings.trust.unknownBand);
      if (priority === undefined) return outcome;
      asking.request = { ...asking.request, priority };
      return queue.enqueue(asking.request);
    }
    if (!settings.displaces) return outcome;
    const isGlobal = outcome.limit.startsWith("global-");
    const victims = isGlobal ? queue.displace(asking.request) : queue.yieldTo(asking.request);
    for (const victim of victims) {
      refuser.refuse(this.#leave(victim, nowMs, "last"), isGlobal ? "displaced" : "queue-full", nowMs);
    }
    return victims.length === 0 ? outcome : queue.enqueue(asking.request);
  }

  /** A request in flight has ended. */
  ended(request: FlowRequest, nowMs: Milliseconds): void {
    this.#evictions?.ended(request, nowMs);
  }

  /** Refuses all that waits, because the picker is going. */
  drain(nowMs: Milliseconds): void {
    const { queue, refuser } = this.#parts;
    for (const request of queue.drain()) refuser.refuse(this.#leave(request, nowMs), "shutting-down-queued", nowMs);
    this.#wake.stop();
    this.#settle(nowMs);
  }

  #cancel(asking: Asking): FlowNote | undefined {
    const { queue, now, events, gate } = this.#parts;
    const { request, askedAtMs } = asking;
    if (!queue.remove(request)) return undefined;
    const nowMs = now();
    this.#leave(request, nowMs);
    events.left(request, "client-gone", nowMs - askedAtMs);
    gate.update(nowMs);
    const note = noteOf(asking, "client-gone", gate.saturation, nowMs);
    this.pass(nowMs);
    return note;
  }

  /** It is in the queue no more, and was not dispatched. */
  #leave(request: FlowRequest, nowMs: Milliseconds, place: "any" | "last" = "any"): Asking {
    const asking = this.#queued.get(request)!;
    this.#queued.delete(request);
    this.#parts.forecast.drain.departed(request.priority, chargedTokens(request), nowMs, place);
    return asking;
  }

  /** A request that was placed without waiting, or is no longer queued. Registered before its client is told, who may end it in the same breath. */
  dispatched(asking: Asking, endpoint: Endpoint, note: FlowNote | undefined, nowMs: Milliseconds): undefined {
    const { request, port, targets } = asking;
    this.#parts.inFlight.placed(request, endpoint, port, targets);
    this.#parts.forecast.drain.dispatched(request.priority, chargedTokens(request), nowMs);
    this.#parts.events.left(request, "dispatched", note?.waitedMs ?? 0);
    port.dispatched(note);
    return undefined;
  }

  /**
   * Dispatches all that can go. What ends meanwhile is seen to before it returns.
   * @returns false where more may go that is left for later
   */
  pass(nowMs: Milliseconds): boolean {
    if (this.#parts.queue.requests === 0 || this.#parts.regime.current.isPoolEmpty) {
      this.#settle(nowMs);
      return true;
    }
    this.#passAgain = true;
    if (this.#isPassing) return false;
    this.#isPassing = true;
    let isComplete = true;
    const startedAtMs = this.#parts.now();
    while (this.#passAgain) {
      this.#passAgain = false;
      this.#parts.queue.beginPass();
      while (this.#dispatchNext(nowMs)) {
        if (this.#parts.now() - startedAtMs < longestPassMs) continue;
        this.#wake.at(nowMs);
        this.#passAgain = false;
        isComplete = false;
        break;
      }
    }
    this.#isPassing = false;
    this.#settle(nowMs);
    return isComplete;
  }

  /** @returns false when nothing more can go */
  #dispatchNext(nowMs: Milliseconds): boolean {
    const { gate, queue, refuser } = this.#parts;
    gate.decide(queue.priorities());
    const request = queue.peek(nowMs, gate.isOpen);
    if (request === undefined) return false;
    const asking = this.#queued.get(request)!;
    const placement = asking.port.place(request, gate.admits);
    switch (placement.kind) {
      case "placed":
        this.#queued.delete(request);
        queue.take(request);
        this.dispatched(asking, placement.endpoint, noteOf(asking, "waited", gate.saturation, nowMs), nowMs);
        break;
      case "no-room":
        queue.skip(request);
        break;
      default:
        queue.remove(request);
        refuser.refuse(this.#leave(request, nowMs), placement.kind, nowMs);
    }
    return true;
  }

  /** The pool has lost its last endpoint or got its first: every wait has a new limit. */
  retime(): void {
    this.#parts.queue.retime((request) => {
      const asking = this.#queued.get(request)!;
      const { atMs, isLate } = expiryOf(asking.limits, this.#parts.regime.current, this.#parts.inFlight.serviceMs);
      asking.isLateAtExpiry = isLate;
      return atMs;
    });
  }

  #onWake(): void {
    const nowMs = this.#parts.now();
    this.#parts.gate.update(nowMs);
    for (const request of this.#parts.queue.takeExpired(nowMs)) this.#expire(this.#leave(request, nowMs), nowMs);
    this.pass(nowMs);
  }

  #expire(asking: Asking, nowMs: Milliseconds): void {
    const { isPoolEmpty } = this.#parts.regime.current;
    if (!asking.isLateAtExpiry) return this.#parts.refuser.refuse(asking, refusedAtExpiry(isPoolEmpty), nowMs);
    if (asking.limits.late === "shed") return this.#parts.refuser.refuse(asking, "late", nowMs);
    const before = asking.request;
    const expiresAtMs = ttlEndsAtMs(asking.limits, this.#parts.regime.current);
    asking.request = { ...before, priority: this.#parts.settings.late.demoteTo, expiresAtMs };
    asking.limits = { ...asking.limits, late: "serve" };
    asking.isLateAtExpiry = false;
    this.#parts.events.demoted(before, asking.request);
    return void this.enqueue(asking, nowMs);
  }

  /** What follows from what waits now: the next wake-up, whether the drain is measured, whether room is to be made. */
  #settle(nowMs: Milliseconds): void {
    const isWaiting = this.#parts.queue.requests > 0;
    const { isPoolEmpty } = this.#parts.regime.current;
    this.#parts.forecast.drain.waiting(isWaiting && !isPoolEmpty, nowMs);
    if (!isWaiting) return;
    const { nextExpiryAtMs } = this.#parts.queue;
    if (nextExpiryAtMs !== undefined) this.#wake.at(nextExpiryAtMs);
    if (isPoolEmpty) return;
    if (this.#parts.inFlight.size === 0) this.#wake.at(nowMs + retryEveryMs);
    if (this.#evictions !== undefined) this.#makeRoom(this.#evictions, nowMs);
  }

  /** Gives up sheddable requests in flight for the highest band that waits although it may have room. */
  #makeRoom(evictions: Evictions, nowMs: Milliseconds): void {
    const { queue, gate, inFlight, events, refuser } = this.#parts;
    const priorities = queue.priorities();
    const demand = priorities.find((one) => queue.ahead(one).requests > 0 && gate.ceilingOf(one) > 0);
    if (demand === undefined || this.#isPassing) return;
    const victims = evictions.choose(inFlight.all(), demand, queue.ahead(demand).requests, nowMs);
    for (const { request, port } of victims) {
      events.evicted(request);
      port.evict(refuser.refusalOf({ request }, "evicted", nowMs));
    }
    if (evictions.nextAtMs() > nowMs) this.#wake.at(evictions.nextAtMs());
  }
}
