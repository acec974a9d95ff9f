/** Values that are cheaper to read when somebody looks than to keep in step: set before each rendering. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { endpointMetrics, pickerMetrics, poolMetrics, processMetrics, type MetricRegistry } from "#metrics";
import { freshness, type Freshness } from "#pool";
import type { Clock } from "#shell";
import { toSeconds, type Milliseconds } from "#units";
import type { FlowStatus } from "../flow/flow-status.ts";
import { collectFlow } from "../flow/report/collect-flow.ts";
import type { Pool } from "./pool.ts";

export type SelfMetricsOptions = {
  readonly pool: string;
  readonly staleAfterMs: Milliseconds;
  readonly version: string;
  readonly clock: Clock;
};

export type SelfMetricsParts = {
  readonly registry: MetricRegistry;
  readonly pool: Pool;
  readonly flow: () => FlowStatus;
  readonly openStreams: () => number;
};

const states = ["fresh", "stale", "unknown"] as const satisfies readonly Freshness[];
const commit = process.env["ATTAIN_COMMIT"] ?? "unknown";

function collectPool(
  { pool: name, staleAfterMs, clock }: SelfMetricsOptions,
  { registry, pool, flow }: SelfMetricsParts,
): void {
  const nowMs = clock.nowMs();
  const snapshot = pool.snapshot();
  const counts: Record<Freshness, number> = { fresh: 0, stale: 0, unknown: 0 };
  for (const { id: endpoint, slot, metrics } of snapshot.endpoints) {
    const is = freshness(metrics, nowMs, staleAfterMs);
    counts[is] += 1;
    for (const state of states) {
      registry.gauge(endpointMetrics.state, { pool: name, endpoint, state }).set(state === is ? 1 : 0);
    }
    registry.gauge(endpointMetrics.requestsInFlight, { pool: name, endpoint }).set(pool.ledger.requests(slot));
  }
  for (const state of states) registry.gauge(poolMetrics.endpoints, { pool: name, state }).set(counts[state]);
  const status = flow();
  collectFlow(registry, name, status);
  const { mode, saturation } = status.saturation;
  registry.gauge(poolMetrics.saturationRatio, { pool: name }).set(mode === "no-endpoints" ? Number.NaN : saturation);
  registry.gauge(poolMetrics.snapshotAgeSeconds, { pool: name }).set(toSeconds(nowMs - snapshot.takenAtMs));
}

/** @returns stops collecting */
export function collectSelfMetrics(options: SelfMetricsOptions, parts: SelfMetricsParts): () => void {
  const { registry, openStreams } = parts;
  const { clock, version } = options;
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  registry.gauge(processMetrics.buildInfo, { version, commit }).set(1);
  registry.gauge(processMetrics.startTimeSeconds).set(toSeconds(clock.wallMs() - process.uptime() * 1000));
  const cpu = registry.counter(processMetrics.cpuSecondsTotal);
  let countedCpuSeconds = 0;
  const remove = registry.onCollect(() => {
    collectPool(options, parts);
    const { user, system } = process.cpuUsage();
    const cpuSeconds = (user + system) / 1e6;
    cpu.add(cpuSeconds - countedCpuSeconds);
    countedCpuSeconds = cpuSeconds;
    registry.gauge(processMetrics.residentMemoryBytes).set(process.memoryUsage.rss());
    registry.gauge(pickerMetrics.streamsOpen).set(openStreams());
    registry.gauge(pickerMetrics.eventLoopDelaySeconds).set(delay.max / 1e9);
    delay.reset();
  });
  return () => {
    remove();
    delay.disable();
  };
}
