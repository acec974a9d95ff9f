import type { Milliseconds } from "#units";
import { noteOf, openAsking, type Asking } from "./asking.ts";
import type { FlowControllerOptions } from "./controller.ts";
import { ExpectedOutput } from "./expected-output.ts";
import type { FlowAsk, FlowControl, FlowPort, FlowUsage } from "./flow-control.ts";
import type { FlowRequest } from "./flow-request.ts";
import { flowStatus, type FlowStatus } from "./flow-status.ts";
import { Gate } from "./gate.ts";
import { InFlightRequests } from "./in-flight.ts";
import { PoolRegime } from "./pool-regime.ts";
import { BandedQueue } from "./queue/banded-queue.ts";
import type { RefusalKind } from "./refusal/outcomes.ts";
import { refuse } from "./refusal/refuse.ts";
import { RoomForecast } from "./room-forecast.ts";

const nothingAhead = { requests: 0, tokens: 0 };

/** Whether sheddable requests are refused while the pool is full. */
export type Shedding = "sheds" | "admits-all";

/**
 * Nothing waits: a request goes to an endpoint whatever room it has, or is refused at once.
 * Source: llm-d-router without the feature gate `flowControl`, legacy admission (`sheds`).
 */
export class ImmediateAdmission implements FlowControl {
  readonly #options: FlowControllerOptions;
  readonly #shedding: Shedding;
  readonly #gate: Gate;
  readonly #inFlight: InFlightRequests;
  readonly #regime: PoolRegime;
  readonly #forecast = new RoomForecast(0);
  readonly #outputs = new ExpectedOutput();
  /** Always empty. */
  readonly #queue: BandedQueue;
  #isDraining = false;

  constructor(options: FlowControllerOptions, shedding: Shedding) {
    const { settings, inFlight, snapshot, now, timers } = options;
    this.#options = options;
    this.#shedding = shedding;
    this.#gate = new Gate(settings, inFlight, snapshot);
    this.#inFlight = new InFlightRequests({ now, timers, detector: this.#gate.detector });
    this.#regime = new PoolRegime(settings.holdForZero, now());
    this.#queue = new BandedQueue(settings.queue);
    this.poolChanged();
  }

  submit(ask: FlowAsk, port: FlowPort): undefined {
    const { now, settings, events } = this.#options;
    const nowMs = now();
    const asking = openAsking(ask, port, {
      settings,
      regime: this.#regime.current,
      serviceMs: this.#inFlight.serviceMs,
      outputs: this.#outputs,
      nowMs,
      aheadOf: () => nothingAhead,
    });
    this.#regime.wanted(nowMs);
    this.#gate.update(nowMs);
    const { request, targets } = asking;
    if (this.#isDraining) return this.#refuse(asking, "shutting-down", nowMs);
    if (this.#regime.current.isPoolEmpty) return this.#refuse(asking, "no-endpoints", nowMs);
    const isShed = this.#shedding === "sheds" && request.priority < 0 && this.#gate.saturation >= 1;
    if (isShed) return this.#refuse(asking, "saturated", nowMs);
    const placement = port.place(request, undefined);
    if (placement.kind !== "placed") {
      return this.#refuse(asking, placement.kind === "no-room" ? "saturated" : placement.kind, nowMs);
    }
    this.#inFlight.placed(request, placement.endpoint, port, targets);
    events.left(request, "dispatched", 0);
    port.dispatched(undefined);
    return undefined;
  }

  #refuse(asking: Asking, kind: RefusalKind, nowMs: Milliseconds): undefined {
    const { settings, random, events } = this.#options;
    const waits = {
      untilRoomMs: () => this.#forecast.untilServableMs(asking.request.priority, nothingAhead, undefined, nowMs),
      untilEndpointMs: () => this.#regime.untilEndpointMs(nowMs),
    };
    events.left(asking.request, kind, 0);
    asking.port.refuse(
      refuse(kind, waits, random, settings.retryAfter),
      noteOf(asking, kind, this.#gate.saturation, nowMs),
    );
    return undefined;
  }

  firstToken(request: FlowRequest, atMs: Milliseconds): void {
    this.#inFlight.firstToken(request, atMs);
  }

  released(request: FlowRequest, { promptTokens, outputTokens, tpotMs }: FlowUsage): void {
    if (!this.#inFlight.ended(request, tpotMs)) return;
    if (outputTokens !== undefined) this.#outputs.observe(request.objective, outputTokens);
    const tokens = (promptTokens ?? request.promptTokens) + (outputTokens ?? request.expectedOutputTokens);
    this.#forecast.drain.completed(tokens, this.#options.now());
  }

  poolChanged(): void {
    const nowMs = this.#options.now();
    this.#gate.update(nowMs);
    this.#regime.update(this.#options.snapshot().endpoints.length, false, nowMs);
  }

  noteScrape(slot: number, observedAtMs: Milliseconds): void {
    this.#gate.detector.noteScrape(slot, observedAtMs);
  }

  drain(): void {
    this.#isDraining = true;
  }

  status(): FlowStatus {
    const nowMs = this.#options.now();
    this.#gate.update(nowMs);
    const { settings, snapshot } = this.#options;
    return flowStatus({
      settings,
      detector: this.#gate.detector,
      snapshot: snapshot(),
      queue: this.#queue.summarize(nowMs),
      ceilings: new Map(),
      isPoolEmpty: this.#regime.current.isPoolEmpty,
      expectedColdStartMs: this.#regime.expectedColdStartMs,
    });
  }
}
