/** One request on its way through flow control: scheduled as often as it takes, told once what became of it. */
import type { JsonObject } from "#extproc";
import { endpointMetrics, type MetricRegistry } from "#metrics";
import type { PoolSnapshot } from "#pool";
import type { Milliseconds } from "#units";
import type { FlowNote, FlowPort, Placement } from "../flow/flow-control.ts";
import type { FlowRequest } from "../flow/flow-request.ts";
import type { InFlightLedger } from "../flow/ledger.ts";
import type { TimedRefusal } from "../flow/refusal/refuse.ts";
import type { InferenceRequest } from "../request/request.ts";
import type { CandidateScores } from "../scheduling/candidate-scores.ts";
import type { SchedulingRequest } from "../scheduling/plugin.ts";
import type { ScheduleResult, Scheduler } from "../scheduling/scheduler.ts";
import type { EndpointMatcher } from "../scheduling/subset.ts";
import type { Arrival, Decided, Route } from "./arrival.ts";

/** What a request is scheduled with. */
export type PlacementPorts = {
  readonly now: () => Milliseconds;
  readonly snapshot: () => PoolSnapshot;
  readonly ledger: InFlightLedger;
  readonly scheduler: Scheduler;
  readonly emitsEndpointScores: boolean;
  /** Where the scores of a decision are kept for its record; undefined: nowhere. */
  readonly takeScores?: () => CandidateScores | undefined;
  readonly registry: MetricRegistry;
  /** Name of the pool, for labels. */
  readonly pool: string;
};

type Picked = Extract<ScheduleResult, { kind: "picked" }>;

const noRoom: Placement = { kind: "no-room" };
const noEndpoints: Placement = { kind: "no-endpoints" };
const filteredOut: Placement = { kind: "filtered-out" };

/** The port of one request. */
export class RequestPlacement implements FlowPort {
  readonly #ports: PlacementPorts;
  readonly #arrival: Arrival;
  readonly #model: string | undefined;
  /** Holds the body, so it is let go once the request is on its way. */
  #scheduling: SchedulingRequest | undefined;
  readonly #subset: EndpointMatcher | undefined;
  readonly #onDecided: (decided: Decided) => void;
  #considered: CandidateScores | undefined;
  /** False where there was no room last: then no endpoint was looked at. */
  #wasRated = false;
  #route: Route | undefined;

  constructor(
    ports: PlacementPorts,
    arrival: Arrival,
    request: InferenceRequest,
    subset: EndpointMatcher | undefined,
    onDecided: (decided: Decided) => void,
  ) {
    this.#ports = ports;
    this.#arrival = arrival;
    this.#model = request.model;
    this.#scheduling = schedulingRequest(arrival, request);
    this.#subset = subset;
    this.#onDecided = onDecided;
  }

  place(request: FlowRequest, admits: EndpointMatcher | undefined): Placement {
    this.#wasRated = true;
    const result = this.#schedule(admits);
    switch (result.kind) {
      case "picked":
        this.#route = this.#routeTo(result, request);
        return { kind: "placed", endpoint: this.#route.endpoint };
      case "no-room":
        this.#wasRated = false;
        return noRoom;
      case "no-candidates":
        return noEndpoints;
      default:
        return admits !== undefined && this.#schedule(undefined).kind === "picked" ? noRoom : filteredOut;
    }
  }

  dispatched(flow: FlowNote | undefined): void {
    const route = this.#route!;
    const scheduling = this.#scheduling!;
    this.#scheduling = undefined;
    const learn = (): void => this.#ports.scheduler.learn(scheduling, route.endpoint);
    this.#onDecided({ decision: route, learn, considered: this.#considered, flow });
  }

  refuse(decision: TimedRefusal, flow: FlowNote): void {
    this.#onDecided({ decision, considered: this.#wasRated ? this.#considered : undefined, flow });
  }

  evict(decision: TimedRefusal): void {
    this.#onDecided({ decision });
  }

  #schedule(admits: EndpointMatcher | undefined): ScheduleResult {
    const { now, snapshot, ledger, scheduler, emitsEndpointScores, takeScores } = this.#ports;
    this.#considered ??= takeScores?.();
    return scheduler.schedule({
      request: this.#scheduling!,
      snapshot: snapshot(),
      inFlight: ledger,
      nowMs: now(),
      subset: this.#subset,
      admits,
      withScores: emitsEndpointScores,
      considered: this.#considered,
    });
  }

  #routeTo(result: Picked, flow: FlowRequest): Route {
    const { now, ledger, registry, pool } = this.#ports;
    const endpoint = result.endpoints[0];
    registry.counter(endpointMetrics.picksTotal, { pool, endpoint: endpoint.id }).add(1);
    const { promptTokens, uncachedPromptTokens } = result;
    return {
      kind: "route",
      endpoint,
      destination: destinationOf(result),
      scores: scoresOf(result),
      entry: ledger.admit(endpoint.slot, this.#arrival.objective.name, promptTokens, uncachedPromptTokens),
      flow,
      model: this.#model,
      promptTokens,
      decidedAtMs: now(),
    };
  }
}

const destinationOf = ({ endpoints }: Picked): string =>
  endpoints.length === 1 ? endpoints[0].hostPort : endpoints.map(({ hostPort }) => hostPort).join(",");

const scoresOf = ({ scores }: Picked): JsonObject | undefined =>
  scores && Object.fromEntries(scores.map(({ endpoint, score }) => [endpoint.hostPort, score]));

const schedulingRequest = (arrival: Arrival, request: InferenceRequest): SchedulingRequest => ({
  id: arrival.id,
  model: request.model,
  objective: arrival.objective.name,
  priority: arrival.priority,
  body: request.body,
  promptRanges: request.promptRanges,
  cacheSalt: request.cacheSalt,
  maxOutputTokens: request.maxOutputTokens,
  header: (name) => arrival.headers.get(name),
});
