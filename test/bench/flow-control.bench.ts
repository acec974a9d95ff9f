import type { Endpoint, PoolSnapshot } from "#pool";
import { seededRandom } from "#random";
import { defaultConfiguration } from "../../picker/configuration/load.ts";
import { FlowController, type FlowControllerOptions } from "../../picker/flow/controller.ts";
import type { FlowAsk, FlowControl, FlowPort, FlowUsage, Placement } from "../../picker/flow/flow-control.ts";
import { noFlowEvents } from "../../picker/flow/flow-events.ts";
import type { FlowRequest } from "../../picker/flow/flow-request.ts";
import { ImmediateAdmission } from "../../picker/flow/immediate-admission.ts";
import { InFlightLedger, type LedgerEntry } from "../../picker/flow/ledger.ts";
import type { FlowSettings } from "../../picker/flow/settings.ts";
import type { EndpointMatcher } from "../../picker/scheduling/subset.ts";
import { snapshotOf } from "../support/scheduling-cycle.ts";
import type { Bench, BenchCase } from "./compare.ts";

const tenants = 2000;
const used: FlowUsage = { promptTokens: 400, outputTokens: 200, tpotMs: 20 };

/** A request in flight, or waiting. */
class BenchPort implements FlowPort {
  readonly #scene: Scene;
  request: FlowRequest | undefined;
  entry: LedgerEntry | undefined;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  place(request: FlowRequest, admits: EndpointMatcher | undefined): Placement {
    const endpoint = this.#scene.choose(admits);
    if (endpoint === undefined) return { kind: "no-room" };
    this.request = request;
    this.entry = this.#scene.ledger.admit(endpoint.slot, request.objective, request.promptTokens, request.promptTokens);
    return { kind: "placed", endpoint };
  }

  dispatched(): void {
    this.#scene.inFlight.push(this);
  }

  refuse(): void {
    this.#scene.refused++;
  }

  evict(): void {}
}

/** A pool, and flow control over it; the scheduler is left out, since its cost is a bench of its own. */
class Scene {
  readonly ledger = new InFlightLedger();
  readonly inFlight: BenchPort[] = [];
  readonly control: FlowControl;
  refused = 0;
  nowMs = 0;
  readonly #snapshot: PoolSnapshot;
  readonly #random = seededRandom(1);
  #asked = 0;
  #next = 0;

  constructor(
    endpoints: number,
    make: (options: FlowControllerOptions) => FlowControl,
    part: Partial<FlowSettings> = {},
  ) {
    this.#snapshot = snapshotOf(Array.from({ length: endpoints }, () => ({})));
    this.control = make({
      settings: { ...defaultConfiguration().flow, ...part },
      snapshot: () => this.#snapshot,
      inFlight: this.ledger,
      timers: { after: () => () => {} },
      now: () => this.nowMs,
      random: this.#random,
      events: noFlowEvents,
    });
  }

  choose(admits: EndpointMatcher | undefined): Endpoint | undefined {
    const { endpoints } = this.#snapshot;
    for (let i = 0; i < endpoints.length; i++) {
      const endpoint = endpoints[(this.#next + i) % endpoints.length]!;
      if (admits !== undefined && !admits(endpoint)) continue;
      this.#next = (this.#next + i + 1) % endpoints.length;
      return endpoint;
    }
    return undefined;
  }

  ask(priority: number): void {
    const ask: FlowAsk = {
      id: "request",
      objective: priority < 0 ? "batch" : "chat",
      priority,
      fairnessId: `tenant-${this.#asked++ % tenants}`,
      bytes: 2000,
      promptTokens: 400,
      maxOutputTokens: undefined,
      arrivedAtMs: this.nowMs,
      ttftTargetMs: undefined,
      tpotTargetMs: undefined,
      ttlHeader: undefined,
      ttftHeader: undefined,
    };
    this.control.submit(ask, new BenchPort(this));
  }

  /** The oldest in flight ends. */
  end(): void {
    const port = this.inFlight.shift()!;
    this.ledger.release(port.entry!);
    this.control.released(port.request!, used);
  }
}

const controller = (options: FlowControllerOptions): FlowControl => new FlowController(options);
const admitsAll = (options: FlowControllerOptions): FlowControl => new ImmediateAdmission(options, "admits-all");

const room = (maxRequests: number): Partial<FlowSettings> => {
  const { flow } = defaultConfiguration();
  if (flow.detector.type !== "ledger-detector") throw new Error(flow.detector.type);
  return { detector: { ...flow.detector, capacity: { kind: "static", maxRequests } } };
};

/** 20 in flight; each operation is one request more and one less, a tenth of a millisecond after the one before. */
function flowing(scene: Scene): () => number {
  for (let i = 0; i < 20; i++) scene.ask(0);
  return () => {
    scene.nowMs += 0.1;
    scene.ask(0);
    scene.end();
    return scene.inFlight.length;
  };
}

/** As many wait as a band may hold; each operation, one ends, one of those goes, and one more comes. */
function standing(scene: Scene, waiting: number): () => number {
  while (scene.control.status().queue.requests < waiting) for (let i = 0; i < 500; i++) scene.ask(0);
  return () => {
    scene.nowMs += 0.1;
    scene.end();
    scene.ask(0);
    return scene.inFlight.length;
  };
}

/** A sheddable request that is refused on arrival, since the queue drains too slowly for it. */
function shedding(): () => number {
  const scene = new Scene(10, controller, room(2));
  for (let i = 0; i < 2000; i++) scene.ask(0);
  for (let i = 0; i < 100; i++) {
    scene.nowMs += 1000;
    scene.end();
    scene.ask(0);
  }
  return () => {
    scene.ask(-1);
    return scene.refused;
  };
}

const band = { maxRequests: 20_000 };
const wide = (): Partial<FlowSettings> => {
  const { queue } = defaultConfiguration().flow;
  const dynamicBand = { ...queue.dynamicBand, ...band };
  return { ...room(10), queue: { ...queue, dynamicBand, bands: new Map([[0, dynamicBand]]) } };
};

export const bench: Bench = {
  name: "flow-control",
  cases: (): readonly BenchCase[] => [
    ...[10, 100].map((endpoints): BenchCase => ({
      name: `admitted at once and ended, ${endpoints} endpoints`,
      baselineName: "without flow control",
      baseline: flowing(new Scene(endpoints, admitsAll)),
      candidate: flowing(new Scene(endpoints, controller)),
    })),
    {
      name: "waits and is dispatched by an end, 10,000 queued of 2,000 tenants, 10 endpoints",
      baselineName: "without flow control",
      baseline: flowing(new Scene(10, admitsAll)),
      candidate: standing(new Scene(10, controller, wide()), 10_000),
    },
    {
      name: "refused on arrival as infeasible",
      baselineName: "admitted without flow control",
      baseline: flowing(new Scene(10, admitsAll)),
      candidate: shedding(),
    },
  ],
};
