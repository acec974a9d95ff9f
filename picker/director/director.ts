/** What to do with one request: objective, endpoint, reservation. The one way from a parsed request to a decision. */
import type { HeaderView, JsonObject, JsonValue } from "#extproc";
import { endpointMetrics, pickerMetrics, type Histogram, type MetricRegistry } from "#metrics";
import type { ObjectiveTable } from "#objective";
import type { PoolSnapshot } from "#pool";
import { toSeconds, type Milliseconds } from "#units";
import type { InFlightLedger } from "../flow/ledger.ts";
import { header } from "../extproc/headers.ts";
import { parseRequest } from "../request/parse.ts";
import type { Api, InferenceRequest } from "../request/request.ts";
import type { CandidateScores } from "../scheduling/candidate-scores.ts";
import type { SchedulingRequest } from "../scheduling/plugin.ts";
import type { ScheduleResult, Scheduler } from "../scheduling/scheduler.ts";
import { parseSubset } from "../scheduling/subset.ts";
import type { Arrival, Decided, Refusal, Route } from "./arrival.ts";

/** What the director decides with. */
export type DirectorPorts = {
  readonly now: () => Milliseconds;
  readonly snapshot: () => PoolSnapshot;
  readonly objectives: () => ObjectiveTable;
  readonly ledger: InFlightLedger;
  readonly scheduler: Scheduler;
  /** A new id for a request that brings none. */
  readonly newRequestId: () => string;
  readonly emitsEndpointScores: boolean;
  readonly usesSubsetHint: boolean;
  /** Where the scores of a decision are kept for its record; undefined: nowhere. */
  readonly takeScores?: () => CandidateScores | undefined;
  /** Told of a request that names an objective nobody configured. */
  readonly onUnknownObjective: (name: string) => void;
  readonly registry: MetricRegistry;
  /** Name of the pool, for labels. */
  readonly pool: string;
};

/** The part of an arrival that is read off the first message. */
export type Opening = Omit<Arrival, "id" | "objective"> & { readonly subsetHint: JsonValue | undefined };

const nothing = Buffer.alloc(0);
const noRanges = new Uint32Array(0);

const headersOnly = (api: Api): InferenceRequest => ({
  api,
  body: nothing,
  model: undefined,
  stream: false,
  maxOutputTokens: undefined,
  promptRanges: noRanges,
  cacheSalt: undefined,
});

const nobodyHome: Refusal = {
  kind: "refuse",
  status: 503,
  reason: "no_endpoints",
  droppedReason: "rejected-no-endpoints",
  message: "no model server is available for this request",
};
const filteredOut = (profile: string): Refusal => ({
  kind: "refuse",
  status: 429,
  reason: "no_endpoints",
  droppedReason: "rejected-saturated",
  message: `the filters of profile "${profile}" left no model server for this request`,
});
const shuttingDown: Refusal = {
  kind: "refuse",
  status: 503,
  reason: "shutting_down",
  droppedReason: "rejected-shutting-down",
  message: "the endpoint picker is shutting down",
};

const invalid = (status: 400 | 413, message: string): Refusal => ({
  kind: "refuse",
  status,
  reason: "invalid",
  droppedReason: undefined,
  message,
});

const objectiveHeader = (headers: HeaderView): string | undefined =>
  headers.get(header.objective) ?? headers.get(header.objectiveAlias);

/** Decides requests one at a time; every route it gives holds a ledger entry until it is released. */
export class Director {
  readonly #ports: DirectorPorts;
  readonly #duration: Histogram;
  #draining = false;

  constructor(ports: DirectorPorts) {
    this.#ports = ports;
    this.#duration = ports.registry.histogram(pickerMetrics.decisionDurationSeconds);
  }

  /** From now on new requests are refused with 503; those in flight go on. */
  drain(): void {
    this.#draining = true;
  }

  /** Binds a request to its objective and gives it an id. */
  arrive(opening: Opening): Arrival {
    const named = objectiveHeader(opening.headers);
    const objective = this.#ports.objectives().find(named);
    if (named !== undefined && named !== "" && objective.name !== named) this.#ports.onUnknownObjective(named);
    const id = opening.headers.get(header.requestId);
    return { ...opening, id: id === undefined || id === "" ? this.#ports.newRequestId() : id, objective };
  }

  /** @param body the whole request body, or undefined where the decision is made from headers alone */
  decide(arrival: Arrival, body: Buffer | undefined): Decided {
    const startedAtMs = this.#ports.now();
    const decided = this.#decide(arrival, body);
    this.#duration.observe(toSeconds(this.#ports.now() - startedAtMs));
    if (decided.decision.kind === "refuse") this.#countRefusal(decided.decision);
    return decided;
  }

  /** The answer to a body that is larger than the picker keeps. */
  refuseOversize(maxBodyBytes: number): Refusal {
    const refusal = invalid(413, `the request body is larger than ${maxBodyBytes} bytes`);
    this.#countRefusal(refusal);
    return refusal;
  }

  #decide(arrival: Arrival, body: Buffer | undefined): Decided {
    if (this.#draining) return { decision: shuttingDown };
    if (body === undefined) return this.#schedule(arrival, headersOnly(arrival.api));
    const parsed = parseRequest(arrival.api, body);
    return parsed.ok ? this.#schedule(arrival, parsed.request) : { decision: invalid(parsed.status, parsed.message) };
  }

  #countRefusal({ status }: Refusal): void {
    const { registry, pool } = this.#ports;
    registry.counter(pickerMetrics.refusalsTotal, { pool, code: String(status) }).add(1);
  }

  /** Gives back what a route holds. Releasing it again does nothing. */
  release(route: Route): void {
    this.#ports.ledger.release(route.entry);
  }

  #schedule(arrival: Arrival, request: InferenceRequest): Decided {
    const { ledger, scheduler, snapshot, now, emitsEndpointScores, usesSubsetHint, registry, pool } = this.#ports;
    const scheduling = schedulingRequest(arrival, request);
    const considered = this.#ports.takeScores?.();
    const result = scheduler.schedule({
      request: scheduling,
      snapshot: snapshot(),
      inFlight: ledger,
      nowMs: now(),
      subset: usesSubsetHint ? parseSubset(arrival.subsetHint) : undefined,
      withScores: emitsEndpointScores,
      considered,
    });
    if (result.kind === "no-candidates") return { decision: nobodyHome, considered };
    if (result.kind === "filtered-out") return { decision: filteredOut(result.profile), considered };
    const endpoint = result.endpoints[0];
    registry.counter(endpointMetrics.picksTotal, { pool, endpoint: endpoint.id }).add(1);
    const route: Route = {
      kind: "route",
      endpoint,
      destination: destinationOf(result),
      scores: scoresOf(result),
      entry: ledger.admit(endpoint.slot, arrival.objective.name, result.promptTokens, result.uncachedPromptTokens),
      model: request.model,
      promptTokens: result.promptTokens,
      decidedAtMs: now(),
    };
    return { decision: route, learn: () => scheduler.learn(scheduling, endpoint), considered };
  }
}

type Picked = Extract<ScheduleResult, { kind: "picked" }>;

const destinationOf = ({ endpoints }: Picked): string =>
  endpoints.length === 1 ? endpoints[0].hostPort : endpoints.map(({ hostPort }) => hostPort).join(",");

const scoresOf = ({ scores }: Picked): JsonObject | undefined =>
  scores && Object.fromEntries(scores.map(({ endpoint, score }) => [endpoint.hostPort, score]));

const schedulingRequest = (arrival: Arrival, request: InferenceRequest): SchedulingRequest => ({
  id: arrival.id,
  model: request.model,
  objective: arrival.objective.name,
  priority: arrival.objective.priority,
  body: request.body,
  promptRanges: request.promptRanges,
  cacheSalt: request.cacheSalt,
  maxOutputTokens: request.maxOutputTokens,
  header: (name) => arrival.headers.get(name),
});
