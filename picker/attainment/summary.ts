/** The counts of each objective as one readable row, for the live table, /debug/state and reports. */
import { objectiveMetrics, quantileOf, requestMetrics, type MetricRegistry } from "#metrics";
import {
  attainmentRatio,
  errorBudgetRemaining,
  missReasons,
  type Attainment,
  type LatencyThresholds,
  type MissReason,
  type ObjectiveEntry,
  type ObjectiveTable,
  type Verdict,
} from "#objective";
import type { Ratio, Seconds } from "#units";

/** Read from buckets, so between two edges it is an estimate; undefined where nothing was measured. */
export type LatencyQuantiles = { readonly p50: Seconds | undefined; readonly p99: Seconds | undefined };

/** Since the start of the process. */
export type ObjectiveSummary = {
  readonly name: string;
  readonly priority: number;
  /** Undefined for an objective without targets. */
  readonly target: Ratio | undefined;
  readonly thresholds: LatencyThresholds;
  readonly met: number;
  readonly missed: number;
  readonly excluded: number;
  readonly untargeted: number;
  readonly attainment: Ratio | undefined;
  readonly budgetRemaining: number | undefined;
  readonly inFlight: number;
  readonly missedBy: Readonly<Partial<Record<MissReason, number>>>;
  readonly ttftSeconds: LatencyQuantiles;
  readonly tpotSeconds: LatencyQuantiles;
  readonly e2eSeconds: LatencyQuantiles;
};

type LatencySpec = typeof requestMetrics.ttftSeconds;

function quantiles(registry: MetricRegistry, spec: LatencySpec, pool: string, objective: string): LatencyQuantiles {
  const histogram = registry.histogramOf(spec, { pool, objective });
  if (histogram === undefined) return { p50: undefined, p99: undefined };
  return { p50: quantileOf(histogram, 0.5), p99: quantileOf(histogram, 0.99) };
}

const verdictCount = (registry: MetricRegistry, pool: string, objective: string, verdict: Verdict): number =>
  registry.value(objectiveMetrics.requestsTotal, { pool, objective, verdict }) ?? 0;

/** Requests that were met and missed since the start of the process. */
export const judgedCounts = (registry: MetricRegistry, pool: string, objective: string): Attainment => ({
  met: verdictCount(registry, pool, objective, "met"),
  missed: verdictCount(registry, pool, objective, "missed"),
});

function summaryOf(
  registry: MetricRegistry,
  pool: string,
  { name, priority, level }: ObjectiveEntry,
): ObjectiveSummary {
  const labels = { pool, objective: name };
  const counts = judgedCounts(registry, pool, name);
  const missedBy = missReasons.flatMap((reason) => {
    const count = registry.value(objectiveMetrics.missedTotal, { ...labels, reason }) ?? 0;
    return count === 0 ? [] : [[reason, count] as const];
  });
  return {
    name,
    priority,
    target: level?.target,
    thresholds: level?.thresholds ?? {},
    ...counts,
    excluded: verdictCount(registry, pool, name, "excluded"),
    untargeted: verdictCount(registry, pool, name, "untargeted"),
    attainment: attainmentRatio(counts),
    budgetRemaining: level === undefined ? undefined : errorBudgetRemaining(counts, level.target),
    inFlight: registry.value(requestMetrics.inFlight, labels) ?? 0,
    missedBy: Object.fromEntries(missedBy),
    ttftSeconds: quantiles(registry, requestMetrics.ttftSeconds, pool, name),
    tpotSeconds: quantiles(registry, requestMetrics.tpotSeconds, pool, name),
    e2eSeconds: quantiles(registry, requestMetrics.durationSeconds, pool, name),
  };
}

/** A row for each configured objective, and for the reserved ones that requests were counted under. */
export const summarise = (registry: MetricRegistry, pool: string, table: ObjectiveTable): readonly ObjectiveSummary[] =>
  table.entries
    .map((entry) => ({ entry, row: summaryOf(registry, pool, entry) }))
    .filter(({ entry, row }) => entry.configured || row.untargeted + row.inFlight > 0)
    .map(({ row }) => row);
