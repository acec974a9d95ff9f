/** What to do with one request: objective, admission, endpoint. The one way from a parsed request to a decision. */
import type { HeaderView } from "#extproc";
import { pickerMetrics, type Histogram } from "#metrics";
import type { ObjectiveTable } from "#objective";
import { toSeconds, type Milliseconds } from "#units";
import { header } from "../extproc/headers.ts";
import type { FlowAsk, FlowControl, FlowUsage, Waiting } from "../flow/flow-control.ts";
import type { Refusal } from "../flow/refusal/refusal.ts";
import { ObjectiveResolver, type Denial, type ResolvedObjective } from "../flow/trust/resolve-objective.ts";
import type { MetadataReader } from "../flow/trust/metadata.ts";
import type { TrustSettings } from "../flow/trust/settings.ts";
import { unknownObjectiveRefusal } from "../flow/trust/unknown-objective.ts";
import { parseRequest } from "../request/parse.ts";
import type { Api, InferenceRequest } from "../request/request.ts";
import { estimatePromptTokens } from "../scheduling/prompt-tokens.ts";
import { parseSubset } from "../scheduling/subset.ts";
import type { Arrival, Decided, Route } from "./arrival.ts";
import { RequestPlacement, type PlacementPorts } from "./placement.ts";

/** What the director decides with. */
export type DirectorPorts = PlacementPorts & {
  readonly objectives: () => ObjectiveTable;
  readonly flow: FlowControl;
  readonly trust: TrustSettings;
  /** Header with the TTL of one request. */
  readonly ttlHeader: string;
  /** A new id for a request that brings none. */
  readonly newRequestId: () => string;
  readonly usesSubsetHint: boolean;
  /** Told of a request that names an objective nobody configured. */
  readonly onUnknownObjective: (name: string) => void;
  /** Told of a client that asked for more than it may have. */
  readonly onDenied?: (denial: Denial) => void;
  /** Told of a request whose metadata holds something that is no name of an objective, where that is trusted. */
  readonly onMalformedMetadata?: () => void;
};

/** The part of an arrival that is read off the first message. */
export type Opening = Omit<Arrival, "id" | "objective" | "priority" | "refusal"> & {
  /** What the proxy's filters know of the request. */
  readonly metadata: MetadataReader;
};

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

const invalid = (status: 400 | 413, message: string): Refusal => ({
  kind: "refuse",
  status,
  reason: "invalid",
  droppedReason: undefined,
  message,
  retryAfterSeconds: undefined,
});

const firstOf = (headers: HeaderView, name: string, alias: string): string | undefined =>
  headers.get(name) ?? headers.get(alias);

/** Decides requests; every route it gives holds a ledger entry until it is released. */
export class Director {
  readonly #ports: DirectorPorts;
  readonly #duration: Histogram;
  #resolver: { readonly table: ObjectiveTable; readonly objectives: ObjectiveResolver } | undefined;

  constructor(ports: DirectorPorts) {
    this.#ports = ports;
    this.#duration = ports.registry.histogram(pickerMetrics.decisionDurationSeconds);
  }

  /** From now on new and waiting requests are refused with 503; those in flight go on. */
  drain(): void {
    this.#ports.flow.drain();
  }

  /** Binds a request to its objective and gives it an id. */
  arrive({ metadata, ...opening }: Opening): Arrival {
    const { headers } = opening;
    const id = headers.get(header.requestId);
    const resolved = this.#resolve({ header: (name) => headers.get(name), metadata });
    const { unknown } = resolved;
    if (unknown !== undefined) this.#ports.onUnknownObjective(unknown.name);
    const bound = { ...opening, id: id === undefined || id === "" ? this.#ports.newRequestId() : id };
    if (resolved.kind === "refused") {
      const objective = this.#ports.objectives().find(undefined);
      return { ...bound, objective, priority: objective.priority, refusal: unknownObjectiveRefusal };
    }
    if (resolved.denied !== undefined) this.#ports.onDenied?.(resolved.denied);
    if (resolved.malformedMetadata) this.#ports.onMalformedMetadata?.();
    return { ...bound, objective: resolved.objective, priority: resolved.priority, refusal: undefined };
  }

  #resolve(claims: Parameters<ObjectiveResolver["resolve"]>[0]): ResolvedObjective {
    const table = this.#ports.objectives();
    if (this.#resolver?.table !== table) {
      this.#resolver = { table, objectives: new ObjectiveResolver(this.#ports.trust, table) };
    }
    return this.#resolver.objectives.resolve(claims);
  }

  /**
   * @param body the whole request body, or undefined where the decision is made from headers alone
   * @param onDecided called before the return where it is decided at once, else later; and once more with a refusal where
   * the request is given up in flight
   * @returns undefined where it was called
   */
  decide(arrival: Arrival, body: Buffer | undefined, onDecided: (decided: Decided) => void): Waiting | undefined {
    const startedAtMs = this.#ports.now();
    const waiting = this.#decide(arrival, body, (decided) => {
      if (decided.decision.kind === "refuse") this.#countRefusal(decided.decision);
      onDecided(decided);
    });
    this.#duration.observe(toSeconds(this.#ports.now() - startedAtMs));
    return waiting;
  }

  /** The answer to a body that is larger than the picker keeps. */
  refuseOversize(maxBodyBytes: number): Refusal {
    const refusal = invalid(413, `the request body is larger than ${maxBodyBytes} bytes`);
    this.#countRefusal(refusal);
    return refusal;
  }

  #decide(arrival: Arrival, body: Buffer | undefined, onDecided: (decided: Decided) => void): Waiting | undefined {
    const parsed = body === undefined ? undefined : parseRequest(arrival.api, body);
    const refusal = arrival.refusal ?? (parsed?.ok === false ? invalid(parsed.status, parsed.message) : undefined);
    if (refusal !== undefined) {
      onDecided({ decision: refusal });
      return undefined;
    }
    return this.#submit(arrival, parsed?.ok === true ? parsed.request : headersOnly(arrival.api), onDecided);
  }

  #countRefusal({ status }: Refusal): void {
    const { registry, pool } = this.#ports;
    registry.counter(pickerMetrics.refusalsTotal, { pool, code: String(status) }).add(1);
  }

  /** The first token of a routed request passed. */
  firstToken({ flow }: Route, atMs: Milliseconds): void {
    this.#ports.flow.firstToken(flow, atMs);
  }

  /** Gives back what a route holds. Releasing it again does nothing. */
  release({ entry, flow }: Route, usage: FlowUsage = unseen): void {
    this.#ports.ledger.release(entry);
    this.#ports.flow.released(flow, usage);
  }

  #submit(arrival: Arrival, request: InferenceRequest, onDecided: (decided: Decided) => void): Waiting | undefined {
    const { flow, usesSubsetHint } = this.#ports;
    const subset = usesSubsetHint ? parseSubset(arrival.subsetHint) : undefined;
    return flow.submit(
      this.#askOf(arrival, request),
      new RequestPlacement(this.#ports, arrival, request, subset, onDecided),
    );
  }

  #askOf({ id, objective, priority, headers, arrivedAtMs }: Arrival, request: InferenceRequest): FlowAsk {
    const thresholds = objective.level?.thresholds;
    return {
      id,
      objective: objective.name,
      priority,
      fairnessId: firstOf(headers, header.fairnessId, header.fairnessIdAlias),
      bytes: request.body.length,
      promptTokens: estimatePromptTokens(request.promptRanges),
      maxOutputTokens: request.maxOutputTokens,
      arrivedAtMs,
      ttftTargetMs: thresholds?.ttftMs,
      tpotTargetMs: thresholds?.tpotMs,
      ttlHeader: headers.get(this.#ports.ttlHeader),
      ttftHeader: firstOf(headers, header.ttftTarget, header.ttftTargetAlias),
    };
  }
}

const unseen: FlowUsage = { promptTokens: undefined, outputTokens: undefined, tpotMs: undefined };
