/** The whole Endpoint Picker in one process: wires the room's parts to ports, files and clocks. */
import { formatProblem } from "#config";
import { MetricRegistry, processMetrics } from "#metrics";
import type { ObjectiveTable } from "#objective";
import type { PoolSnapshot } from "#pool";
import { startAdminServer, systemTimers } from "#shell";
import { toSeconds, type Milliseconds } from "#units";
import { compatView } from "../compat/compat-view.ts";
import { createScheduler } from "../configuration/create-scheduler.ts";
import type { DecisionLog } from "../decision/decision-log.ts";
import type { FlowStatus } from "../flow/flow-status.ts";
import { InFlightLedger } from "../flow/ledger.ts";
import { adminRoutes } from "./admin.ts";
import { followEndpoints, followObjectives } from "./configuration-files.ts";
import { openLive } from "./live.ts";
import type { PickerOptions } from "./picker-options.ts";
import { startPool, type Pool } from "./pool.ts";
import { collectSelfMetrics } from "./self-metrics.ts";
import { openRequestPath } from "./request-path.ts";
import { openServers, type Servers } from "./servers.ts";
import { openTracing } from "./tracing.ts";

export type { PickerOptions } from "./picker-options.ts";

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
  flow(): FlowStatus;
  /** Refuses new requests, lets those in flight end for at most the drain timeout, then closes. */
  close(): Promise<void>;
}

const processMethod = "/envoy.service.ext_proc.v3.ExternalProcessor/Process";

function addCompatView({ pool: name, clock, staleAfterMs }: PickerOptions, registry: MetricRegistry, pool: Pool): void {
  const snapshot = (): PoolSnapshot => pool.snapshot();
  registry.addView(compatView({ registry, pool: name, snapshot, now: () => clock.nowMs(), staleAfterMs }));
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
  const parts = openRequestPath(options, { registry, pool, objectives, tracer: tracing?.tracer });
  if (options.compatMetrics === true) addCompatView(options, registry, pool);
  let servers: Servers | undefined;
  const openStreams = (): number => servers?.openStreams() ?? 0;
  const { decisions, bodyModes } = parts;
  const flow = (): FlowStatus => parts.flow.status();
  const stopCollecting = collectSelfMetrics(options, { registry, pool, flow, openStreams });
  const admins = adminRoutes({
    registry,
    pool,
    objectives,
    decisions,
    flow,
    bodyModes,
    servers: () => servers,
    options,
  });
  const routes = new Map([...(options.page ?? []), ...admins]);
  const live = openLive(options, { registry, pool, objectives, decisions, flow, timers: systemTimers });
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
    const duplex = new Map([[processMethod, parts.accept]]);
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
      flow,
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
