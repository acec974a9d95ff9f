/** What the metrics port serves: /metrics, /debug/state, /debug/requests. Never a body, never a credential. */
import { endpointMetrics, negotiateExposition, type MetricRegistry } from "#metrics";
import type { ObjectiveTable, Verdict } from "#objective";
import { verdicts } from "#objective";
import { freshness } from "#pool";
import { jsonReply, type AdminReply, type AdminRoute, type Clock } from "#shell";
import { toSeconds, type Milliseconds } from "#units";
import { summarise } from "../attainment/summary.ts";
import type { DecisionLog } from "../decision/decision-log.ts";
import type { Followed } from "./configuration-files.ts";
import type { Pool } from "./pool.ts";

export type AdminParts = {
  readonly registry: MetricRegistry;
  readonly pool: Pool;
  readonly objectives: Followed<ObjectiveTable>;
  readonly decisions: DecisionLog;
  readonly openStreams: () => number;
  readonly options: {
    readonly pool: string;
    readonly staleAfterMs: Milliseconds;
    readonly version: string;
    readonly clock: Clock;
  };
};

/** More than this is not a summary any more. */
const mostEndpoints = 100;
const defaultRequests = 100;
const mostRequests = 5000;

function endpointStates({ registry, pool, options }: AdminParts): readonly object[] {
  const nowMs = options.clock.nowMs();
  return pool
    .snapshot()
    .endpoints.slice(0, mostEndpoints)
    .map(({ id, hostPort, slot, metrics }) => ({
      id,
      hostPort,
      state: freshness(metrics, nowMs, options.staleAfterMs),
      picks: registry.value(endpointMetrics.picksTotal, { pool: options.pool, endpoint: id }) ?? 0,
      ageSeconds: metrics && toSeconds(nowMs - metrics.observedAtMs),
      waitingRequests: metrics?.waitingRequests,
      runningRequests: metrics?.runningRequests,
      kvCacheUsageRatio: metrics?.kvCacheUsageRatio,
      inFlight: {
        requests: pool.ledger.requests(slot),
        promptTokens: pool.ledger.promptTokens(slot),
        uncachedPromptTokens: pool.ledger.uncachedPromptTokens(slot),
      },
    }));
}

function processState(): object {
  const { user, system } = process.cpuUsage();
  return { cpuSeconds: (user + system) / 1e6, rssBytes: process.memoryUsage.rss(), uptimeSeconds: process.uptime() };
}

function state(parts: AdminParts): AdminReply {
  const { registry, pool, objectives, options, openStreams } = parts;
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
    streams: { open: openStreams() },
    scheduler: pool.scheduler.state(),
    process: processState(),
  });
}

const isVerdict = (text: string): text is Verdict => verdicts.some((verdict) => verdict === text);

function requests({ decisions }: AdminParts, query: URLSearchParams): AdminReply {
  const verdict = query.get("verdict");
  if (verdict !== null && !isVerdict(verdict)) {
    return jsonReply(400, { error: `verdict: found "${verdict}"; allowed: ${verdicts.join(", ")}` });
  }
  const objective = query.get("objective");
  const limit = Number(query.get("limit") ?? defaultRequests);
  if (!Number.isInteger(limit) || limit < 1 || limit > mostRequests) {
    return jsonReply(400, { error: `limit: a whole number from 1 to ${mostRequests} is allowed` });
  }
  const found = decisions.list(
    (record) =>
      (verdict === null || record.verdict === verdict) && (objective === null || record.objective === objective),
    limit,
  );
  return jsonReply(200, { requests: found });
}

const metricsRoute = (registry: MetricRegistry): AdminRoute => ({
  handle: async (_query, accept) => {
    const { contentType, render } = negotiateExposition(accept);
    return { status: 200, contentType, body: await render(registry) };
  },
  singleFlight: true,
});

/** Routes by exact path. */
export const adminRoutes = (parts: AdminParts): ReadonlyMap<string, AdminRoute> =>
  new Map<string, AdminRoute>([
    ["/metrics", metricsRoute(parts.registry)],
    ["/debug/state", { handle: () => state(parts) }],
    ["/debug/requests", { handle: (query) => requests(parts, query) }],
  ]);
