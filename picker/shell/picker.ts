/** The whole Endpoint Picker in one process: wires the room's parts to ports, files and clocks. */
import { randomUUID } from "node:crypto";
import { formatProblem } from "#config";
import type { ProtocolConfig } from "#extproc";
import { MetricRegistry, pickerMetrics, processMetrics } from "#metrics";
import type { ObjectiveTable } from "#objective";
import type { PoolSnapshot } from "#pool";
import type { Random } from "#random";
import { startAdminServer, systemTimers, type AdminRoute, type Clock, type Logger } from "#shell";
import { toSeconds, type Bytes, type Milliseconds } from "#units";
import { AttainmentRecorder } from "../attainment/recorder.ts";
import { compatView } from "../compat/compat-view.ts";
import { createScheduler } from "../configuration/create-scheduler.ts";
import type { ResolvedConfiguration } from "../configuration/resolved.ts";
import { DecisionLog, defaultDecisionBytes } from "../decision/decision-log.ts";
import { Director } from "../director/director.ts";
import { RouteReplies } from "../extproc/replies.ts";
import { Session } from "../extproc/session.ts";
import { InFlightLedger } from "../flow/ledger.ts";
import type { RequestTracer } from "../tracing/request-tracer.ts";
import type { TracingSettings } from "../tracing/settings.ts";
import type { StreamAcceptor } from "../transport/contract.ts";
import { adminRoutes } from "./admin.ts";
import { BodyModesSeen } from "./body-modes-seen.ts";
import {
  followEndpoints,
  followObjectives,
  type EndpointsFrom,
  type Followed,
  type ObjectivesFrom,
} from "./configuration-files.ts";
import { openLive } from "./live.ts";
import { startPool, type Pool } from "./pool.ts";
import { collectSelfMetrics } from "./self-metrics.ts";
import { openServers, type Servers } from "./servers.ts";
import { openTracing } from "./tracing.ts";

export type PickerOptions = {
  readonly host: string;
  /** Ports: 0 takes a free one. */
  readonly grpcPort: number;
  readonly healthPort: number;
  readonly metricsPort: number;
  /** Name of the pool, on every series. */
  readonly pool: string;
  readonly secureServing: boolean;
  /** Directory of tls.crt and tls.key; undefined: self-signed. */
  readonly certificatePath: string | undefined;
  readonly reloadsCertificate: boolean;
  readonly configuration: ResolvedConfiguration;
  readonly endpoints: EndpointsFrom;
  readonly objectives: ObjectivesFrom;
  readonly scrapeIntervalMs: Milliseconds;
  /** Age from which an endpoint's metrics are stale. */
  readonly staleAfterMs: Milliseconds;
  readonly maxBodyBytes: number;
  readonly maxMessageBytes: number;
  readonly drainTimeoutMs: Milliseconds;
  readonly emitsEndpointScores: boolean;
  readonly usesSubsetHint: boolean;
  readonly stripsControlHeaders: boolean;
  /** Last requests kept for /debug/requests. */
  readonly keptDecisions: number;
  /** Memory that they may take, estimated; 16 MiB unless given. */
  readonly keptDecisionBytes?: Bytes | undefined;
  /** Undefined: nothing is traced, and the OpenTelemetry SDK is not loaded. */
  readonly tracing?: TracingSettings | undefined;
  /** Whether /metrics shows the field's names as well. */
  readonly compatMetrics?: boolean;
  /** Further paths of the metrics port: the live page, whose data is on /live/events. */
  readonly page?: ReadonlyMap<string, AdminRoute>;
  readonly version: string;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: Random;
};

/** A picker that serves. */
export interface RunningPicker {
  readonly grpcPort: number;
  readonly healthPort: number;
  readonly metricsPort: number;
  readonly registry: MetricRegistry;
  readonly ledger: InFlightLedger;
  readonly decisions: DecisionLog;
  readonly openStreams: number;
  snapshot(): PoolSnapshot;
  objectives(): ObjectiveTable;
  /** Refuses new requests, lets those in flight end for at most the drain timeout, then closes. */
  close(): Promise<void>;
}

const processMethod = "/envoy.service.ext_proc.v3.ExternalProcessor/Process";

/** Everything that decides and counts, without ports. */
function core(
  options: PickerOptions,
  registry: MetricRegistry,
  pool: Pool,
  objectives: Followed<ObjectiveTable>,
  tracer: RequestTracer | undefined,
) {
  const { log, clock } = options;
  const isKnownModel = (model: string): boolean => pool.servesModel(model);
  const { keptDecisionBytes: maxBytes = defaultDecisionBytes, staleAfterMs } = options;
  const decisions = new DecisionLog(options.keptDecisions, { maxBytes, staleAfterMs, isKnownModel });
  const recorder = new AttainmentRecorder({
    registry,
    pool: options.pool,
    log: decisions,
    isKnownModel,
    tracer,
  });
  recorder.useObjectives(objectives.current());
  objectives.onChange((table) => recorder.useObjectives(table));
  const unknownObjectives = registry.counter(pickerMetrics.unknownObjectiveRequestsTotal, { pool: options.pool });
  const told = new Set<string>();
  const director = new Director({
    now: () => clock.nowMs(),
    snapshot: () => pool.snapshot(),
    objectives: () => objectives.current(),
    ledger: pool.ledger,
    scheduler: pool.scheduler,
    newRequestId: () => randomUUID(),
    emitsEndpointScores: options.emitsEndpointScores,
    usesSubsetHint: options.usesSubsetHint,
    takeScores: () => decisions.takeScores(),
    onUnknownObjective: (name) => {
      unknownObjectives.add(1);
      if (told.has(name) || told.size >= 100) return;
      told.add(name);
      log.warn("request names an unknown objective", { objective: name.slice(0, 253) });
    },
    registry,
    pool: options.pool,
  });
  return { decisions, recorder, director, bodyModes: new BodyModesSeen(() => clock.nowMs()) };
}

function addCompatView({ pool: name, clock, staleAfterMs }: PickerOptions, registry: MetricRegistry, pool: Pool): void {
  const snapshot = (): PoolSnapshot => pool.snapshot();
  registry.addView(compatView({ registry, pool: name, snapshot, now: () => clock.nowMs(), staleAfterMs }));
}

function acceptor(options: PickerOptions, registry: MetricRegistry, parts: ReturnType<typeof core>): StreamAcceptor {
  const { log, clock } = options;
  const malformed = registry.counter(pickerMetrics.malformedMessagesTotal);
  const ended = (result: string) => registry.counter(pickerMetrics.streamsTotal, { result });
  const ports = {
    now: () => clock.nowMs(),
    director: parts.director,
    recorder: parts.recorder,
    routeReplies: new RouteReplies({ stripsControlHeaders: options.stripsControlHeaders }),
    maxBodyBytes: options.maxBodyBytes,
    onMalformed: (error: Error) => {
      malformed.add(1);
      log.warn("malformed ext-proc message", { error: error.message });
    },
    onModes: (modes: ProtocolConfig | undefined) => parts.bodyModes.saw(modes),
    onClosed: (kind: string) => ended(kind).add(1),
  };
  return (peer) => new Session(ports, peer);
}

/**
 * Starts the picker; resolves once it serves.
 * @throws ConfigError, FileUnreadableError, CertificateError, ListenError
 */
export async function startPicker(options: PickerOptions): Promise<RunningPicker> {
  const { log, host } = options;
  for (const warning of options.configuration.warnings) log.warn("configuration", { problem: formatProblem(warning) });
  const registry = new MetricRegistry();
  const tracing = await openTracing(options, registry);
  const endpoints = followEndpoints(options.endpoints, registry, log);
  const objectives = followObjectives(options.objectives, registry, log);
  const ledger = new InFlightLedger();
  const scheduler = createScheduler(options.configuration, { random: options.random });
  const pool = startPool(options, { registry, endpoints, ledger, scheduler, timers: systemTimers });
  const parts = core(options, registry, pool, objectives, tracing?.tracer);
  if (options.compatMetrics === true) addCompatView(options, registry, pool);
  let servers: Servers | undefined;
  const openStreams = (): number => servers?.openStreams() ?? 0;
  const stopCollecting = collectSelfMetrics(options, { registry, pool, openStreams });
  const { decisions, bodyModes } = parts;
  const admins = adminRoutes({ registry, pool, objectives, decisions, bodyModes, servers: () => servers, options });
  const routes = new Map([...(options.page ?? []), ...admins]);
  const live = openLive(options, { registry, pool, objectives, decisions, timers: systemTimers });
  const events = new Map([["/live/events", live.route]]);
  const onError = (path: string, error: Error): void => log.error("admin page failed", { path, error: error.message });
  const stopAll = async (): Promise<void> => {
    stopCollecting();
    live.stop();
    endpoints.stop();
    objectives.stop();
    await pool.stop();
    await tracing?.close();
  };
  try {
    const onCertificate = (expiryMs: Milliseconds): void =>
      registry.gauge(processMetrics.certificateExpiryTimestampSeconds).set(toSeconds(expiryMs));
    const duplex = new Map([[processMethod, acceptor(options, registry, parts)]]);
    servers = await openServers({ ...options, onCertificate }, duplex);
    const admin = await startAdminServer({ host, port: options.metricsPort, routes, events, onError });
    const opened = servers;
    return {
      grpcPort: opened.grpcPort,
      healthPort: opened.healthPort,
      metricsPort: admin.port,
      registry,
      ledger,
      decisions,
      get openStreams() {
        return openStreams();
      },
      snapshot: () => pool.snapshot(),
      objectives: () => objectives.current(),
      close: async () => {
        parts.director.drain();
        await opened.close();
        await admin.close();
        await stopAll();
      },
    };
  } catch (error) {
    await servers?.close();
    await stopAll();
    throw error;
  }
}
