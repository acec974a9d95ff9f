/** Requests that were placed and have not ended: what they teach of their endpoints, and which of them may be given up. */
import type { Endpoint } from "#pool";
import type { Milliseconds } from "#units";
import type { SaturationDetector } from "./capacity/saturation-detector.ts";
import type { FlowPort } from "./flow-control.ts";
import type { FlowRequest } from "./flow-request.ts";
import { movedMean } from "./moving-mean.ts";
import type { AfterTimer } from "./wake-up.ts";

/** Latencies that a request's objective promises. */
export type LatencyTargets = {
  readonly ttftMs: Milliseconds | undefined;
  readonly tpotMs: Milliseconds | undefined;
};

const noTargets: LatencyTargets = { ttftMs: undefined, tpotMs: undefined };

export type InFlight = {
  readonly request: FlowRequest;
  readonly endpoint: Endpoint;
  readonly port: FlowPort;
  readonly targets: LatencyTargets;
  readonly dispatchedAtMs: Milliseconds;
  firstTokenAtMs: Milliseconds | undefined;
  /** Its target passed without a first token, and the detector was told. */
  isKnownLate: boolean;
  readonly stopWatching: () => void;
};

export type InFlightPorts = {
  readonly now: () => Milliseconds;
  readonly timers: AfterTimer;
  readonly detector: Pick<SaturationDetector, "observeLatency">;
};

const nothing = (): void => {};

/** Follows placed requests to their end, and tells the detector what they were served with. */
export class InFlightRequests {
  readonly #ports: InFlightPorts;
  readonly #byRequest = new Map<FlowRequest, InFlight>();
  #serviceMs: Milliseconds | undefined;

  constructor(ports: InFlightPorts) {
    this.#ports = ports;
  }

  get size(): number {
    return this.#byRequest.size;
  }

  /** Mean time from dispatch to first token of late; 0 where none was seen. */
  get serviceMs(): Milliseconds {
    return this.#serviceMs ?? 0;
  }

  /** Newest last. */
  all(): Iterable<InFlight> {
    return this.#byRequest.values();
  }

  placed(request: FlowRequest, endpoint: Endpoint, port: FlowPort, promised: LatencyTargets): void {
    const { now, timers } = this.#ports;
    const targets = port.teaches === false ? noTargets : promised;
    const { ttftMs } = targets;
    const inFlight: InFlight = {
      request,
      endpoint,
      port,
      targets,
      dispatchedAtMs: now(),
      firstTokenAtMs: undefined,
      isKnownLate: false,
      stopWatching: ttftMs === undefined ? nothing : timers.after(ttftMs, () => this.#isLate(request)),
    };
    this.#byRequest.set(request, inFlight);
  }

  /** Overload is learned of as soon as a target has passed, before the late answers come. */
  #isLate(request: FlowRequest): void {
    const inFlight = this.#byRequest.get(request);
    if (inFlight === undefined || inFlight.firstTokenAtMs !== undefined) return;
    inFlight.isKnownLate = true;
    this.#observeTtft(inFlight, this.#ports.now());
  }

  #observeTtft({ endpoint, targets, dispatchedAtMs }: InFlight, atMs: Milliseconds): void {
    if (targets.ttftMs === undefined) return;
    const ratio = (atMs - dispatchedAtMs) / targets.ttftMs;
    this.#ports.detector.observeLatency(endpoint, ratio, dispatchedAtMs, this.#ports.now());
  }

  firstToken(request: FlowRequest, atMs: Milliseconds): void {
    const inFlight = this.#byRequest.get(request);
    if (inFlight === undefined || inFlight.firstTokenAtMs !== undefined) return;
    inFlight.firstTokenAtMs = atMs;
    inFlight.stopWatching();
    this.#serviceMs = movedMean(this.#serviceMs, atMs - inFlight.dispatchedAtMs);
    if (!inFlight.isKnownLate) this.#observeTtft(inFlight, atMs);
  }

  /** @returns whether it was in flight */
  ended(request: FlowRequest, tpotMs: Milliseconds | undefined): boolean {
    const inFlight = this.#byRequest.get(request);
    if (inFlight === undefined) return false;
    this.#byRequest.delete(request);
    inFlight.stopWatching();
    const { endpoint, firstTokenAtMs, targets } = inFlight;
    if (tpotMs !== undefined && targets.tpotMs !== undefined && firstTokenAtMs !== undefined) {
      this.#ports.detector.observeLatency(endpoint, tpotMs / targets.tpotMs, firstTokenAtMs, this.#ports.now());
    }
    return true;
  }
}
