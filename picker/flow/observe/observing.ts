import type { Endpoint } from "#pool";
import { FlowController, type FlowControllerOptions } from "../controller.ts";
import type { FlowAsk, FlowControl, FlowPort, FlowUsage, Waiting } from "../flow-control.ts";
import { noFlowEvents } from "../flow-events.ts";
import type { FlowRequest } from "../flow-request.ts";
import type { FlowStatus } from "../flow-status.ts";
import { ImmediateAdmission } from "../immediate-admission.ts";
import { InFlightLedger } from "../ledger.ts";
import { ServiceTime } from "./service-time.ts";
import { ShadowRequest, type ShadowPorts } from "./shadow-request.ts";

/**
 * Every request goes at once; its shadow goes through flow control beside it, over a ledger of what would be in flight.
 * Nothing is refused for want of room, held or given up, and what would have been is told as `FlowEvents.would`.
 */
export class ObservingFlow implements FlowControl {
  readonly #real: ImmediateAdmission;
  readonly #controller: FlowController;
  readonly #shadowPorts: ShadowPorts;
  readonly #shadows = new Map<FlowRequest, ShadowRequest>();

  constructor(options: FlowControllerOptions) {
    const { now, timers, snapshot, inFlight: real, events } = options;
    const ledger = new InFlightLedger();
    this.#real = new ImmediateAdmission(options, "admits-all");
    this.#controller = new FlowController({ ...options, inFlight: ledger, events: noFlowEvents });
    const onEnded: ShadowPorts["onEnded"] = (request, usage) => this.#controller.released(request, usage);
    const onFirstToken: ShadowPorts["onFirstToken"] = (request, atMs) => this.#controller.firstToken(request, atMs);
    const ports = { now, timers, snapshot, ledger, real, events, onFirstToken, onEnded };
    this.#shadowPorts = { ...ports, service: new ServiceTime() };
  }

  submit(ask: FlowAsk, port: FlowPort): Waiting | undefined {
    let placedAt: Endpoint | undefined;
    let placed: FlowRequest | undefined;
    return this.#real.submit(ask, {
      place: (request, admits) => {
        const placement = port.place(request, admits);
        if (placement.kind === "placed") placedAt = placement.endpoint;
        placed = request;
        return placement;
      },
      dispatched: (note) => {
        this.#follow(ask, placed!, placedAt!);
        port.dispatched(note);
      },
      refuse: (refusal, note) => port.refuse(refusal, note),
      evict: (refusal) => port.evict(refusal),
    });
  }

  #follow(ask: FlowAsk, request: FlowRequest, endpoint: Endpoint): void {
    const shadow = new ShadowRequest(this.#shadowPorts, request, endpoint);
    this.#shadows.set(request, shadow);
    this.#controller.submit(ask, shadow);
  }

  firstToken(request: FlowRequest, atMs: number): void {
    this.#real.firstToken(request, atMs);
    this.#shadows.get(request)?.firstToken(atMs);
  }

  released(request: FlowRequest, usage: FlowUsage): void {
    this.#real.released(request, usage);
    this.#shadows.get(request)?.released(usage);
    this.#shadows.delete(request);
  }

  poolChanged(): void {
    this.#real.poolChanged();
    this.#controller.poolChanged();
  }

  noteScrape(slot: number, observedAtMs: number): void {
    this.#real.noteScrape(slot, observedAtMs);
    this.#controller.noteScrape(slot, observedAtMs);
  }

  drain(): void {
    this.#real.drain();
  }

  /** Of what would be. */
  status(): FlowStatus {
    return this.#controller.status();
  }
}
