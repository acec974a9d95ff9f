/** What the metrics port serves: /metrics, /debug/state, /debug/requests. Never a body, never a credential. */
import { pickerMetrics, negotiateExposition, type MetricRegistry } from "#metrics";
import type { ObjectiveTable } from "#objective";
import { nextTurn, jsonReply, type AdminReply, type AdminRoute, type Clock } from "#shell";
import { toSeconds, type Milliseconds } from "#units";
import { summarise } from "../attainment/summary.ts";
import { longestWaitMs } from "../flow/deadline/longest-wait.ts";
import type { ResolvedConfiguration } from "../configuration/resolved.ts";
import type { DecisionLog } from "../decision/decision-log.ts";
import type { FlowStatus } from "../flow/flow-status.ts";
import { summariseEndpoints, type EndpointSummary } from "../state/endpoint-summary.ts";
import type { BodyModesSeen } from "./body-modes-seen.ts";
import type { Followed } from "./configuration-files.ts";
import { requestsPage } from "./decision-page.ts";
import type { Pool } from "./pool.ts";
import type { Servers } from "./servers.ts";

export type AdminParts = {
  readonly registry: MetricRegistry;
  readonly pool: Pool;
  readonly objectives: Followed<ObjectiveTable>;
  readonly decisions: DecisionLog;
  readonly flow: () => FlowStatus;
  readonly bodyModes: BodyModesSeen;
  /** Undefined until they are open. */
  readonly servers: () => Servers | undefined;
  readonly options: {
    readonly pool: string;
    readonly configuration: ResolvedConfiguration;
    readonly staleAfterMs: Milliseconds;
    readonly secureServing: boolean;
    readonly version: string;
    readonly clock: Clock;
  };
};

const endpointStates = ({ registry, pool, options }: AdminParts): readonly EndpointSummary[] =>
  summariseEndpoints({
    registry,
    pool: options.pool,
    snapshot: pool.snapshot(),
    ledger: pool.ledger,
    nowMs: options.clock.nowMs(),
    staleAfterMs: options.staleAfterMs,
  });

function processState(): object {
  const { user, system } = process.cpuUsage();
  return { cpuSeconds: (user + system) / 1e6, rssBytes: process.memoryUsage.rss(), uptimeSeconds: process.uptime() };
}

const extProcState = ({ servers, bodyModes, options }: AdminParts): object => ({
  port: servers()?.grpcPort,
  healthPort: servers()?.healthPort,
  tls: options.secureServing,
  ...bodyModes.state(),
});

/** As JSON: a map becomes an object. */
const flowState = ({ ceilings, ...rest }: FlowStatus, { configuration }: AdminParts["options"]): object => ({
  ...rest,
  /** Null, as JSON has no Infinity: as long as their clients do. */
  longestWaitSeconds: toSeconds(longestWaitMs(configuration.flow)),
  ceilings: Object.fromEntries([...ceilings].map(([priority, ceiling]) => [String(priority), ceiling])),
});

/** A wall clock that was set while the process ran has moved against the monotonic one. */
function clockState({ clock }: AdminParts["options"], startedOffsetMs: Milliseconds): object {
  const nowMs = clock.nowMs();
  const wallMs = clock.wallMs();
  return { nowMs, wallMs, driftSeconds: toSeconds(wallMs - nowMs - startedOffsetMs) };
}

function state(parts: AdminParts, startedOffsetMs: Milliseconds): AdminReply {
  const { registry, pool, objectives, decisions, flow, servers, options } = parts;
  const labels = { pool: options.pool };
  const snapshot = pool.snapshot();
  return jsonReply(200, {
    version: options.version,
    pool: {
      name: options.pool,
      snapshotVersion: snapshot.version,
      snapshotAgeSeconds: toSeconds(options.clock.nowMs() - snapshot.takenAtMs),
      endpointCount: snapshot.endpoints.length,
      endpoints: endpointStates(parts),
    },
    objectives: summarise(registry, options.pool, objectives.current()),
    ledger: { inFlight: pool.ledger.total },
    flow: flowState(flow(), options),
    streams: { open: servers()?.openStreams() ?? 0 },
    extProc: extProcState(parts),
    decisions: decisions.state(),
    unknown: {
      objectiveRequests: registry.value(pickerMetrics.unknownObjectiveRequestsTotal, labels) ?? 0,
      modelRequests: registry.value(pickerMetrics.unknownModelRequestsTotal, labels) ?? 0,
    },
    clock: clockState(options, startedOffsetMs),
    scheduler: pool.scheduler.state(),
    process: processState(),
  });
}

const metricsRoute = (registry: MetricRegistry): AdminRoute => ({
  handle: async (_query, accept) => {
    const { contentType, render } = negotiateExposition(accept);
    return { status: 200, contentType, body: await render(registry, nextTurn) };
  },
  singleFlight: true,
});

/** Routes by exact path. */
export function adminRoutes(parts: AdminParts): ReadonlyMap<string, AdminRoute> {
  const { clock } = parts.options;
  const startedOffsetMs = clock.wallMs() - clock.nowMs();
  return new Map<string, AdminRoute>([
    ["/metrics", metricsRoute(parts.registry)],
    ["/debug/state", { handle: () => state(parts, startedOffsetMs) }],
    ["/debug/requests", { handle: (query) => requestsPage(parts.decisions, query, clock) }],
  ]);
}
