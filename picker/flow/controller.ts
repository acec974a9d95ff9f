/** Admission of every request: to an endpoint with room at once, into the queue, or refused with the time to come back. */
import type { PoolSnapshot } from "#pool";
import type { Random } from "#random";
import type { Milliseconds } from "#units";
import type { InFlightView } from "../scheduling/plugin.ts";
import { openAsking, type Asking } from "./asking.ts";
import { infeasibleForMs } from "./deadline/feasibility.ts";
import { expiryOf } from "./deadline/time-limits.ts";
import { Dispatcher } from "./dispatcher.ts";
import { ExpectedOutput } from "./expected-output.ts";
import type { FlowAsk, FlowControl, FlowPort, FlowUsage, Placement, Waiting } from "./flow-control.ts";
import { chargedTokens, type FlowEvents } from "./flow-events.ts";
import type { FlowRequest } from "./flow-request.ts";
import { flowStatus, type FlowStatus } from "./flow-status.ts";
import { Gate } from "./gate.ts";
import { InFlightRequests } from "./in-flight.ts";
import { PoolRegime } from "./pool-regime.ts";
import { BandedQueue } from "./queue/banded-queue.ts";
import { Refuser } from "./refuser.ts";
import { RoomForecast } from "./room-forecast.ts";
import type { FlowSettings } from "./settings.ts";
import type { AfterTimer } from "./wake-up.ts";

export type FlowControllerOptions = {
  readonly settings: FlowSettings;
  readonly snapshot: () => PoolSnapshot;
  readonly inFlight: InFlightView;
  readonly timers: AfterTimer;
  readonly now: () => Milliseconds;
  readonly random: Random;
  readonly events: FlowEvents;
};

const sweepEveryMs: Milliseconds = 60_000;

/**
 * Dispatch is one synchronous act: the scheduler chooses among the endpoints with room and takes the ledger entry, so that
 * the entry is the reservation and no endpoint gets more than it has room for. It is driven by arrivals, ends, snapshots,
 * cancellations and the next expiry. Between two of them nothing that is queued could go, so an arrival that finds room
 * passes nobody.
 */
export class FlowController implements FlowControl {
  readonly #options: FlowControllerOptions;
  readonly #gate: Gate;
  readonly #queue: BandedQueue;
  readonly #forecast: RoomForecast;
  readonly #regime: PoolRegime;
  readonly #inFlight: InFlightRequests;
  readonly #refuser: Refuser;
  readonly #outputs = new ExpectedOutput();
  readonly #dispatcher: Dispatcher;
  readonly #aheadOf = (priority: number) => this.#queue.ahead(priority);
  #isDraining = false;
  #sweptAtMs: Milliseconds;

  constructor(options: FlowControllerOptions) {
    const { settings, inFlight, snapshot, now, timers, random, events } = options;
    this.#options = options;
    this.#sweptAtMs = now();
    this.#gate = new Gate(settings, inFlight, snapshot);
    this.#queue = new BandedQueue(settings.queue);
    this.#forecast = new RoomForecast(settings.queue.minShare);
    this.#regime = new PoolRegime(settings.holdForZero, this.#sweptAtMs);
    this.#inFlight = new InFlightRequests({ now, timers, detector: this.#gate.detector });
    const parts = { queue: this.#queue, forecast: this.#forecast, regime: this.#regime, gate: this.#gate, events };
    this.#refuser = new Refuser({ ...parts, random, settings: settings.retryAfter });
    this.#dispatcher = new Dispatcher({
      ...parts,
      settings,
      now,
      timers,
      inFlight: this.#inFlight,
      refuser: this.#refuser,
    });
    this.poolChanged();
  }

  submit(ask: FlowAsk, port: FlowPort): Waiting | undefined {
    const nowMs = this.#options.now();
    const asking = openAsking(ask, port, {
      settings: this.#options.settings,
      regime: this.#regime.current,
      serviceMs: this.#inFlight.serviceMs,
      outputs: this.#outputs,
      nowMs,
      aheadOf: this.#aheadOf,
    });
    if (this.#isDraining) return this.#refuser.refuse(asking, "shutting-down", nowMs);
    const { request } = asking;
    this.#regime.wanted(nowMs);
    if (this.#regime.current.isPoolEmpty) return this.#dispatcher.enqueue(asking, nowMs);
    this.#gate.update(nowMs);
    if (!this.#dispatcher.pass(nowMs)) return this.#dispatcher.enqueue(asking, nowMs);
    const placement = this.#placeAtOnce(asking);
    if (placement.kind === "placed") {
      this.#forecast.drain.arrived(request.priority, chargedTokens(request), nowMs);
      this.#queue.pass(request);
      return this.#dispatcher.dispatched(asking, placement.endpoint, undefined, nowMs);
    }
    if (placement.kind !== "no-room") return this.#refuser.refuse(asking, placement.kind, nowMs);
    if (!this.#isInfeasible(asking, nowMs)) return this.#dispatcher.enqueue(asking, nowMs);
    return this.#refuser.refuse(asking, "infeasible", nowMs);
  }

  firstToken(request: FlowRequest, atMs: Milliseconds): void {
    this.#inFlight.firstToken(request, atMs);
  }

  released(request: FlowRequest, { promptTokens, outputTokens, tpotMs }: FlowUsage): void {
    const nowMs = this.#options.now();
    if (!this.#inFlight.ended(request, tpotMs)) return;
    const actual = {
      promptTokens: promptTokens ?? request.promptTokens,
      outputTokens: outputTokens ?? request.expectedOutputTokens,
    };
    this.#queue.settle(request, actual, nowMs);
    if (outputTokens !== undefined) this.#outputs.observe(request.objective, outputTokens);
    this.#forecast.drain.completed(actual.promptTokens + actual.outputTokens, nowMs);
    this.#dispatcher.ended(request, nowMs);
    this.#gate.update(nowMs);
    this.#dispatcher.pass(nowMs);
  }

  poolChanged(): void {
    const nowMs = this.#options.now();
    this.#gate.update(nowMs);
    const endpoints = this.#options.snapshot().endpoints.length;
    if (this.#regime.update(endpoints, this.#queue.requests > 0, nowMs)) this.#dispatcher.retime();
    if (nowMs - this.#sweptAtMs >= sweepEveryMs) {
      this.#sweptAtMs = nowMs;
      for (const priority of this.#queue.sweep(nowMs)) this.#forecast.drain.forget(priority);
    }
    this.#dispatcher.pass(nowMs);
  }

  noteScrape(slot: number, observedAtMs: Milliseconds): void {
    this.#gate.detector.noteScrape(slot, observedAtMs);
  }

  drain(): void {
    this.#isDraining = true;
    this.#dispatcher.drain(this.#options.now());
  }

  status(): FlowStatus {
    const nowMs = this.#options.now();
    this.#gate.update(nowMs);
    const { settings, snapshot } = this.#options;
    const priorities = this.#queue.priorities();
    return flowStatus({
      settings,
      detector: this.#gate.detector,
      snapshot: snapshot(),
      queue: this.#queue.summarize(nowMs),
      ceilings: this.#gate.ceilingsOf(priorities),
      isPoolEmpty: this.#regime.current.isPoolEmpty,
      expectedColdStartMs: this.#regime.expectedColdStartMs,
    });
  }

  /** Also where the pool is full: what no endpoint could serve is not to wait. */
  #placeAtOnce({ request, port }: Asking): Placement {
    this.#gate.decideFor(request.priority, this.#queue.priorities());
    return port.place(request, this.#gate.admits);
  }

  #isInfeasible({ request, limits, ahead }: Asking, nowMs: Milliseconds): boolean {
    if (request.priority >= 0 || !this.#options.settings.late.refusesInfeasible) return false;
    const expiry = expiryOf(limits, this.#regime.current, this.#inFlight.serviceMs);
    return infeasibleForMs(expiry, this.#forecast.predict(request.priority, ahead, nowMs), nowMs) !== undefined;
  }
}
