/** Everything that decides and counts, without ports: from a stream to its verdict. */
import { randomUUID } from "node:crypto";
import type { ProtocolConfig } from "#extproc";
import { pickerMetrics, type MetricRegistry } from "#metrics";
import type { ObjectiveTable } from "#objective";
import { systemTimers } from "#shell";
import { AttainmentRecorder } from "../attainment/recorder.ts";
import { DecisionLog, defaultDecisionBytes } from "../decision/decision-log.ts";
import { Director, type DirectorPorts } from "../director/director.ts";
import { RouteReplies } from "../extproc/replies.ts";
import { Session } from "../extproc/session.ts";
import { createFlowControl } from "../flow/create-flow-control.ts";
import type { FlowControl } from "../flow/flow-control.ts";
import { FlowMetrics } from "../flow/report/flow-metrics.ts";
import type { RequestTracer } from "../tracing/request-tracer.ts";
import type { StreamAcceptor } from "../transport/contract.ts";
import { BodyModesSeen } from "./body-modes-seen.ts";
import type { Followed } from "./configuration-files.ts";
import type { PickerOptions } from "./picker-options.ts";
import type { Pool } from "./pool.ts";

export type RequestPathParts = {
  readonly registry: MetricRegistry;
  readonly pool: Pool;
  readonly objectives: Followed<ObjectiveTable>;
  readonly tracer: RequestTracer | undefined;
};

export type RequestPath = {
  readonly decisions: DecisionLog;
  readonly recorder: AttainmentRecorder;
  readonly director: Director;
  readonly flow: FlowControl;
  readonly bodyModes: BodyModesSeen;
  readonly accept: StreamAcceptor;
};

/** Names that are told in the log; what comes after is only counted. */
const mostNamesTold = 100;

function openFlow(options: PickerOptions, { pool }: RequestPathParts, events: FlowMetrics): FlowControl {
  const { configuration, clock, random } = options;
  const flow = createFlowControl({
    settings: configuration.flow,
    snapshot: () => pool.snapshot(),
    inFlight: pool.ledger,
    timers: systemTimers,
    now: () => clock.nowMs(),
    random,
    events,
  });
  pool.listen({
    poolChanged: () => flow.poolChanged(),
    noteScrape: (slot, observedAtMs) => flow.noteScrape(slot, observedAtMs),
  });
  return flow;
}

type ArrivalListeners = Required<Pick<DirectorPorts, "onUnknownObjective" | "onDenied" | "onMalformedMetadata">>;

function arrivalListeners(
  { log, pool }: PickerOptions,
  { registry }: RequestPathParts,
  flowMetrics: FlowMetrics,
): ArrivalListeners {
  const unknownObjectives = registry.counter(pickerMetrics.unknownObjectiveRequestsTotal, { pool });
  const told = new Set<string>();
  let saidMalformed = false;
  return {
    onUnknownObjective: (name) => {
      unknownObjectives.add(1);
      const shortName = name.slice(0, 253);
      if (told.has(shortName) || told.size >= mostNamesTold) return;
      told.add(shortName);
      log.warn("request names an unknown objective", { objective: shortName });
    },
    onDenied: ({ reason }) => flowMetrics.escalationDenied(reason),
    onMalformedMetadata: () => {
      if (!saidMalformed) log.warn("metadata that is to name an objective or a ceiling holds neither; it is not used");
      saidMalformed = true;
    },
  };
}

type Deciding = Omit<RequestPath, "accept">;

function acceptor(options: PickerOptions, { registry }: RequestPathParts, parts: Deciding): StreamAcceptor {
  const { log, clock, configuration, stripsControlHeaders, maxBodyBytes } = options;
  const { trust, ttl } = configuration.flow;
  const malformed = registry.counter(pickerMetrics.malformedMessagesTotal);
  const ended = (result: string) => registry.counter(pickerMetrics.streamsTotal, { result });
  const ports = {
    now: () => clock.nowMs(),
    director: parts.director,
    recorder: parts.recorder,
    routeReplies: new RouteReplies({ stripsControlHeaders, ownHeaders: [...trust.headers, ttl.header] }),
    maxBodyBytes,
    onMalformed: (error: Error) => {
      malformed.add(1);
      log.warn("malformed ext-proc message", { error: error.message });
    },
    onModes: (modes: ProtocolConfig | undefined) => parts.bodyModes.saw(modes),
    onClosed: (kind: string) => ended(kind).add(1),
  };
  return (peer) => new Session(ports, peer);
}

function openDeciding(options: PickerOptions, parts: RequestPathParts): Deciding {
  const { clock, configuration, staleAfterMs, emitsEndpointScores, usesSubsetHint } = options;
  const { registry, pool, objectives, tracer } = parts;
  const isKnownModel = (model: string): boolean => pool.servesModel(model);
  const { keptDecisionBytes: maxBytes = defaultDecisionBytes } = options;
  const log = new DecisionLog(options.keptDecisions, { maxBytes, staleAfterMs, isKnownModel });
  const recorder = new AttainmentRecorder({ registry, pool: options.pool, log, isKnownModel, tracer });
  const flowMetrics = new FlowMetrics({ registry, pool: options.pool });
  const useObjectives = (table: ObjectiveTable): void => {
    recorder.useObjectives(table);
    flowMetrics.useObjectives(table);
  };
  useObjectives(objectives.current());
  objectives.onChange(useObjectives);
  const flow = openFlow(options, parts, flowMetrics);
  const director = new Director({
    now: () => clock.nowMs(),
    snapshot: () => pool.snapshot(),
    objectives: () => objectives.current(),
    ledger: pool.ledger,
    scheduler: pool.scheduler,
    flow,
    trust: configuration.flow.trust,
    ttlHeader: configuration.flow.ttl.header,
    newRequestId: () => randomUUID(),
    emitsEndpointScores,
    usesSubsetHint,
    takeScores: () => log.takeScores(),
    ...arrivalListeners(options, parts, flowMetrics),
    registry,
    pool: options.pool,
  });
  return { decisions: log, recorder, director, flow, bodyModes: new BodyModesSeen(() => clock.nowMs()) };
}

/** Opens it over a pool that runs. */
export function openRequestPath(options: PickerOptions, parts: RequestPathParts): RequestPath {
  const deciding = openDeciding(options, parts);
  return { ...deciding, accept: acceptor(options, parts, deciding) };
}
