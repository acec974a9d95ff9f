/** The series of objectives, made once so that counting a request is a few additions into an array. */
import {
  dimensions,
  missReasons,
  verdicts,
  type DimensionVerdict,
  type Dimension,
  type MissReason,
  type ObjectiveEntry,
  type Verdict,
} from "#objective";
import {
  objectiveMetrics,
  requestMetrics,
  type Counter,
  type Gauge,
  type Histogram,
  type MetricRegistry,
} from "#metrics";
import { toSeconds } from "#units";

/** The counters of one objective. */
export type ObjectiveSeries = {
  readonly requests: Readonly<Record<Verdict, Counter>>;
  readonly missed: Readonly<Record<MissReason, Counter>>;
  readonly dimensions: Readonly<Record<Dimension, Readonly<Record<DimensionVerdict, Counter>>>>;
  readonly outputTokens: Readonly<Record<Verdict, Counter>>;
  readonly inFlight: Gauge;
};

/** The histograms of one (objective, model) and the token counters of the model. */
export type LatencySeries = {
  readonly ttft: Histogram;
  readonly tpot: Histogram;
  readonly duration: Histogram;
  readonly queue: Histogram;
  readonly upstreamErrors: Counter;
  readonly inputTokens: Counter;
  readonly cachedTokens: Counter;
  readonly outputTokens: Counter;
  readonly estimatedOutputTokens: Counter;
};

const byKey = <K extends string, V>(keys: readonly K[], make: (key: K) => V): Record<K, V> =>
  Object.fromEntries(keys.map((key) => [key, make(key)])) as Record<K, V>;

/** Creates every counter of an objective at 0. */
export function objectiveSeries(registry: MetricRegistry, pool: string, objective: string): ObjectiveSeries {
  const labels = { pool, objective };
  return {
    requests: byKey(verdicts, (verdict) => registry.counter(objectiveMetrics.requestsTotal, { ...labels, verdict })),
    missed: byKey(missReasons, (reason) => registry.counter(objectiveMetrics.missedTotal, { ...labels, reason })),
    dimensions: byKey(dimensions, (dimension) =>
      byKey(["met", "missed"] as const, (verdict) =>
        registry.counter(objectiveMetrics.dimensionTotal, { ...labels, dimension, verdict }),
      ),
    ),
    outputTokens: byKey(verdicts, (verdict) =>
      registry.counter(objectiveMetrics.outputTokensTotal, { ...labels, verdict }),
    ),
    inFlight: registry.gauge(requestMetrics.inFlight, labels),
  };
}

/** Creates the histograms of one (objective, model). */
export function latencySeries(registry: MetricRegistry, pool: string, objective: string, model: string): LatencySeries {
  const labels = { pool, objective, model };
  const tokens = (direction: "input" | "cached" | "output", source: "usage" | "estimated"): Counter =>
    registry.counter(requestMetrics.tokensTotal, { pool, model, direction, source });
  return {
    ttft: registry.histogram(requestMetrics.ttftSeconds, labels),
    tpot: registry.histogram(requestMetrics.tpotSeconds, labels),
    duration: registry.histogram(requestMetrics.durationSeconds, labels),
    queue: registry.histogram(requestMetrics.queueSeconds, labels),
    upstreamErrors: registry.counter(requestMetrics.upstreamErrorsTotal, labels),
    inputTokens: tokens("input", "usage"),
    cachedTokens: tokens("cached", "usage"),
    outputTokens: tokens("output", "usage"),
    estimatedOutputTokens: tokens("output", "estimated"),
  };
}

/** Sets the gauges that describe an objective: priority, target and thresholds. */
export function describeObjective(registry: MetricRegistry, pool: string, entry: ObjectiveEntry): void {
  const labels = { pool, objective: entry.name };
  registry.gauge(objectiveMetrics.info, { ...labels, priority: String(entry.priority) }).set(1);
  if (entry.level === undefined) return;
  registry.gauge(objectiveMetrics.targetRatio, labels).set(entry.level.target);
  const { ttftMs, tpotMs, e2eMs } = entry.level.thresholds;
  for (const [dimension, threshold] of [
    ["ttft", ttftMs],
    ["tpot", tpotMs],
    ["e2e", e2eMs],
  ] as const) {
    if (threshold === undefined) continue;
    registry.gauge(objectiveMetrics.thresholdSeconds, { ...labels, dimension }).set(toSeconds(threshold));
  }
}
