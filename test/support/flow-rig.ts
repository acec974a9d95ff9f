/** Flow control on a virtual clock, before endpoints that serve for as long as a test lets them. */
import { emptySnapshot, makeSnapshot, type Endpoint, type PoolSnapshot } from "#pool";
import type { Milliseconds, Ratio } from "#units";
import { createFlowControl } from "../../picker/flow/create-flow-control.ts";
import type { FlowAsk, FlowControl } from "../../picker/flow/flow-control.ts";
import type { FlowEvents, FlowOutcome } from "../../picker/flow/flow-events.ts";
import { InFlightLedger } from "../../picker/flow/ledger.ts";
import type { FlowSettings } from "../../picker/flow/settings.ts";
import { VirtualClock } from "../scenario/flow/virtual-clock.ts";
import { flowSettingsOf } from "./flow-settings.ts";
import { RigRequest, type RequestSketch, type RigPorts } from "./rig-request.ts";
import { endpointAt, type EndpointSketch } from "./scheduling-cycle.ts";

export type RecordedEvent =
  | {
      readonly kind: "left" | "would";
      readonly id: string;
      readonly outcome: FlowOutcome;
      readonly waitedMs: Milliseconds;
    }
  | { readonly kind: "evicted"; readonly id: string }
  | { readonly kind: "demoted"; readonly id: string; readonly to: number }
  | { readonly kind: "would-ttft"; readonly id: string; readonly verdict: "met" | "missed" };

export type FlowRigOptions = {
  readonly settings?: FlowSettings;
  /** Endpoints at the start. Default: one. */
  readonly endpoints?: readonly EndpointSketch[];
  readonly random?: () => Ratio;
  /** Told of each event beside being recorded. */
  readonly events?: Partial<FlowEvents>;
};

export class FlowRig {
  readonly clock = new VirtualClock();
  readonly ledger = new InFlightLedger();
  readonly flow: FlowControl;
  readonly #ports: RigPorts;
  readonly events: RecordedEvent[] = [];
  /** In the order of arrival. */
  readonly requests: RigRequest[] = [];
  /** In the order in which they were answered. */
  readonly decided: RigRequest[] = [];
  snapshot: PoolSnapshot = emptySnapshot;

  constructor({ settings = flowSettingsOf(), endpoints = [{}], random = () => 0.5, events = {} }: FlowRigOptions = {}) {
    const { clock, ledger } = this;
    this.snapshot = makeSnapshot(
      1,
      0,
      endpoints.map((sketch, slot) => endpointAt(slot, sketch)),
    );
    this.flow = createFlowControl({
      settings,
      snapshot: () => this.snapshot,
      inFlight: ledger,
      timers: { after: clock.after },
      now: clock.now,
      random,
      events: this.#recording(events),
    });
    this.#ports = {
      snapshot: () => this.snapshot,
      ledger,
      now: clock.now,
      flow: this.flow,
      onDecided: (request) => void this.decided.push(request),
    };
  }

  #recording(also: Partial<FlowEvents>): FlowEvents {
    const { events } = this;
    return {
      left: (request, outcome, waitedMs) => {
        events.push({ kind: "left", id: request.id, outcome, waitedMs });
        also.left?.(request, outcome, waitedMs);
      },
      evicted: (request) => {
        events.push({ kind: "evicted", id: request.id });
        also.evicted?.(request);
      },
      demoted: (from, to) => {
        events.push({ kind: "demoted", id: from.id, to: to.priority });
        also.demoted?.(from, to);
      },
      would: (request, outcome, waitedMs) => {
        events.push({ kind: "would", id: request.id, outcome, waitedMs });
        also.would?.(request, outcome, waitedMs);
      },
      wouldTtft: (request, verdict) => {
        events.push({ kind: "would-ttft", id: request.id, verdict });
        also.wouldTtft?.(request, verdict);
      },
    };
  }

  /** A request arrives and is whole at once. */
  submit(sketch: RequestSketch = {}): RigRequest {
    const id = sketch.id ?? `r${this.requests.length}`;
    const ask = { ...plainAsk, arrivedAtMs: this.clock.now(), ...sketch, id };
    const request = new RigRequest(this.#ports, ask, sketch);
    this.requests.push(request);
    const waiting = this.flow.submit(ask, request);
    request.waiting = waiting;
    const isOpen = request.answer === undefined && !request.isCancelled;
    if (isOpen !== (waiting !== undefined))
      throw new Error(`${id}: ${request.answer ?? "waits"}, and is given the contrary`);
    return request;
  }

  /** Several alike, in this order. */
  submitAll(ids: readonly string[], sketch: RequestSketch = {}): readonly RigRequest[] {
    return ids.map((id) => this.submit({ ...sketch, id }));
  }

  /** The pool as a new snapshot has it. */
  setEndpoints(endpoints: readonly EndpointSketch[]): void {
    this.setPool(endpoints.map((sketch, slot) => endpointAt(slot, sketch)));
  }

  /** As above, where it matters who has which slot. */
  setPool(endpoints: readonly Endpoint[]): void {
    this.snapshot = makeSnapshot(this.snapshot.version + 1, this.clock.now(), endpoints);
    this.flow.poolChanged();
  }

  run(ms: Milliseconds): void {
    this.clock.runUntil(this.clock.now() + ms);
  }

  /** Ids of those that were sent to an endpoint, in that order. */
  get order(): readonly string[] {
    return this.decided.filter(({ answer }) => answer === "dispatched").map(({ id }) => id);
  }

  /** Ends what is in flight, one after the other, until nothing is. @returns `order` */
  serveAll(): readonly string[] {
    for (let next = this.#oldestInFlight(); next !== undefined; next = this.#oldestInFlight()) next.end();
    return this.order;
  }

  #oldestInFlight(): RigRequest | undefined {
    return this.decided.find(({ isInFlight }) => isInFlight);
  }
}

const plainAsk: Omit<FlowAsk, "id" | "arrivedAtMs"> = {
  objective: "chat",
  priority: 0,
  fairnessId: undefined,
  bytes: 10,
  promptTokens: 60,
  maxOutputTokens: 40,
  ttftTargetMs: undefined,
  tpotTargetMs: undefined,
  ttlHeader: undefined,
  ttftHeader: undefined,
};
