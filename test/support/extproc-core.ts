import type { CodecError } from "#extproc";
import { MetricRegistry, objectiveMetrics, requestMetrics } from "#metrics";
import { verdicts, type ObjectiveTable, type Verdict } from "#objective";
import { seededRandom } from "#random";
import type { Milliseconds } from "#units";
import type { RequestRecord } from "../../picker/attainment/outcome.ts";
import { AttainmentRecorder } from "../../picker/attainment/recorder.ts";
import { createScheduler } from "../../picker/configuration/create-scheduler.ts";
import { defaultConfiguration } from "../../picker/configuration/load.ts";
import type { ResolvedConfiguration } from "../../picker/configuration/resolved.ts";
import { DecisionLog, type DecisionRecord } from "../../picker/decision/decision-log.ts";
import type { Arrival } from "../../picker/director/arrival.ts";
import { Director } from "../../picker/director/director.ts";
import { RouteReplies } from "../../picker/extproc/replies.ts";
import type { SessionPorts } from "../../picker/extproc/session.ts";
import { createFlowControl } from "../../picker/flow/create-flow-control.ts";
import type { FlowControl } from "../../picker/flow/flow-control.ts";
import { noFlowEvents, type FlowEvents } from "../../picker/flow/flow-events.ts";
import type { FlowSettings } from "../../picker/flow/settings.ts";
import { VirtualClock } from "../scenario/flow/virtual-clock.ts";
import { InFlightLedger } from "../../picker/flow/ledger.ts";
import type { Scheduler } from "../../picker/scheduling/scheduler.ts";
import { exampleTable } from "./attainment.ts";
import { ScriptedProxy } from "./extproc-proxy.ts";
import { snapshotOf, type EndpointSketch } from "./scheduling-cycle.ts";

export type CoreOptions = {
  readonly endpoints?: readonly EndpointSketch[];
  readonly objectives?: ObjectiveTable;
  readonly configuration?: ResolvedConfiguration;
  /** Instead of what the configuration says. */
  readonly flow?: Partial<FlowSettings>;
  readonly flowEvents?: FlowEvents;
  readonly maxBodyBytes?: number;
  readonly emitsEndpointScores?: boolean;
  readonly usesSubsetHint?: boolean;
  readonly stripsControlHeaders?: boolean;
  readonly keptDecisions?: number;
};

export const pool = "pool";

/** One idle endpoint and two busy ones, so that the default configuration always takes the first. */
const threeEndpoints: readonly EndpointSketch[] = [0, 6, 9].map((waitingRequests) => ({
  metrics: { waitingRequests, runningRequests: waitingRequests, kvCacheUsageRatio: waitingRequests / 10 },
}));

class CountingRecorder extends AttainmentRecorder {
  onArrival: () => void = () => {};

  override arrived(arrival: Arrival): RequestRecord {
    this.onArrival();
    return super.arrived(arrival);
  }
}

/** The whole picker without ports: everything that decides and counts, on a clock that is moved by hand. */
export class PickerCore {
  readonly clock = new VirtualClock();
  readonly registry = new MetricRegistry();
  readonly ledger = new InFlightLedger();
  readonly log: DecisionLog;
  readonly scheduler: Scheduler;
  readonly flow: FlowControl;
  readonly director: Director;
  readonly malformed: CodecError[] = [];
  readonly unknownObjectives: string[] = [];
  /** How streams ended, in order. */
  readonly closed: string[] = [];
  arrived = 0;
  readonly #ports: SessionPorts;
  readonly #objectives: ObjectiveTable;

  constructor(options: CoreOptions = {}) {
    const { registry, ledger } = this;
    const snapshot = snapshotOf(options.endpoints ?? threeEndpoints);
    const { now } = this.clock;
    const configuration = options.configuration ?? defaultConfiguration();
    const settings = { ...configuration.flow, ...options.flow };
    this.#objectives = options.objectives ?? exampleTable;
    this.log = new DecisionLog(options.keptDecisions ?? 10_000);
    const recorder = new CountingRecorder({
      registry,
      pool,
      log: this.log,
      isKnownModel: (model) => model === "llama",
    });
    recorder.onArrival = () => void this.arrived++;
    recorder.useObjectives(this.#objectives);
    this.scheduler = createScheduler(configuration, { random: seededRandom(1) });
    this.flow = createFlowControl({
      settings,
      snapshot: () => snapshot,
      inFlight: ledger,
      timers: this.clock,
      now,
      random: seededRandom(2),
      events: options.flowEvents ?? noFlowEvents,
    });
    this.director = new Director({
      now,
      snapshot: () => snapshot,
      objectives: () => this.#objectives,
      ledger,
      scheduler: this.scheduler,
      flow: this.flow,
      trust: settings.trust,
      ttlHeader: settings.ttl.header,
      newRequestId: () => `made-${this.arrived}`,
      emitsEndpointScores: options.emitsEndpointScores ?? false,
      usesSubsetHint: options.usesSubsetHint ?? true,
      onUnknownObjective: (name) => this.unknownObjectives.push(name),
      registry,
      pool,
    });
    this.#ports = {
      now,
      director: this.director,
      recorder,
      routeReplies: new RouteReplies({ stripsControlHeaders: options.stripsControlHeaders ?? true }),
      maxBodyBytes: options.maxBodyBytes ?? 1_000_000,
      onMalformed: (error) => this.malformed.push(error),
      onClosed: (kind) => this.closed.push(kind),
    };
  }

  /** A new stream from the proxy. */
  open(): ScriptedProxy {
    return new ScriptedProxy(this.#ports, (ms) => this.clock.runUntil(Math.max(this.nowMs, ms)));
  }

  get nowMs(): Milliseconds {
    return this.clock.now();
  }

  set nowMs(ms: Milliseconds) {
    this.clock.runUntil(ms);
  }

  /** Every verdict that was counted, over all objectives. */
  verdicts(): Readonly<Record<Verdict, number>> {
    const count = (verdict: Verdict): number => this.registry.value(objectiveMetrics.requestsTotal, { verdict }) ?? 0;
    return Object.fromEntries(verdicts.map((verdict) => [verdict, count(verdict)])) as Record<Verdict, number>;
  }

  verdictCount(): number {
    return this.registry.value(objectiveMetrics.requestsTotal) ?? 0;
  }

  /** Requests in flight as each part that counts them says: all zero when nothing is under way. */
  inFlight(): readonly number[] {
    const gauges = this.registry.values(requestMetrics.inFlight).map(({ value }) => value);
    const byObjective = this.#objectives.entries.map(({ name }) => this.ledger.requestsOf(name));
    const slots = [0, 1, 2, 3].flatMap((slot) => [
      this.ledger.requests(slot),
      this.ledger.promptTokens(slot),
      this.ledger.uncachedPromptTokens(slot),
    ]);
    return [this.ledger.total, ...byObjective, ...slots, ...gauges];
  }

  /** The record of the request that ended last. */
  lastDecision(): DecisionRecord {
    const [last] = this.log.list(() => true, 1);
    if (last === undefined) throw new Error("no request has ended");
    return last;
  }
}
