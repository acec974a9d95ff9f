/** What the live page is told each second: the summaries of /debug/state, with rolling windows and distributions. */
import { pickerMetrics, quantileOf, type MetricRegistry } from "#metrics";
import { attainmentRatio, burnRate, type ObjectiveTable } from "#objective";
import type { Freshness, PoolSnapshot } from "#pool";
import { toSeconds, type Milliseconds, type Ratio, type Seconds } from "#units";
import { summarise, type LatencyQuantiles, type ObjectiveSummary } from "../attainment/summary.ts";
import type { FlowStatus } from "../flow/flow-status.ts";
import type { InFlightLedger } from "../flow/ledger.ts";
import { summariseEndpoints, type EndpointSummary } from "../state/endpoint-summary.ts";
import { liveFlow, type LiveFlow } from "./flow.ts";
import { readHistograms, shownHistogramNames, type ByObjective, type ShownHistogram } from "./histograms.ts";
import { burnWindowsMs, recentMs, sampleStepMs, type LiveWindows } from "./windows.ts";

/** What was judged within one window. Ratios are undefined where nothing was judged. */
export type BurnWindow = {
  readonly windowSeconds: Seconds;
  /** Less than the window while the process is younger. */
  readonly coveredSeconds: Seconds;
  readonly met: number;
  readonly missed: number;
  readonly attainment: Ratio | undefined;
  /** 1 spends the error budget exactly over the period; undefined for an objective without targets. */
  readonly burn: number | undefined;
};

/** Values in each bucket alone; one more than there are edges. */
export type Distribution = {
  readonly sinceStart: readonly number[];
  readonly recent: readonly number[];
  readonly recentQuantiles: LatencyQuantiles;
};

export type LiveObjective = ObjectiveSummary & {
  readonly windows: readonly BurnWindow[];
  /** In each step of the recent window that has ended, oldest first. */
  readonly steps: { readonly met: readonly number[]; readonly missed: readonly number[] };
  readonly distributions: Readonly<Partial<Record<ShownHistogram, Distribution>>>;
};

export type LiveEndpoint = EndpointSummary & {
  readonly recentPicks: number;
  /** Undefined where nothing was picked. */
  readonly recentPicksShare: Ratio | undefined;
  /** Share of its capacity that is taken, in [0, 1]; undefined: flow control does not know it yet. */
  readonly saturation: Ratio | undefined;
  /** Requests that may be in flight; undefined where none are measured. */
  readonly capacity: number | undefined;
};

/** Latencies in seconds, shares as ratios. */
export type LiveSnapshot = {
  readonly version: string;
  readonly pool: string;
  /** Unix time. */
  readonly takenAtWallMs: Milliseconds;
  readonly recentSeconds: Seconds;
  readonly stepSeconds: Seconds;
  readonly inFlight: number;
  /** Of the pool, in [0, 1]. */
  readonly saturation: Ratio;
  readonly flow: LiveFlow;
  /** Answers of the picker's own, by HTTP status code. */
  readonly refusals: readonly { readonly code: string; readonly count: number }[];
  /** Inclusive upper bounds of the buckets of every objective's distributions. */
  readonly edges: Readonly<Partial<Record<ShownHistogram, readonly Seconds[]>>>;
  readonly objectives: readonly LiveObjective[];
  readonly endpointCount: number;
  readonly endpointStates: Readonly<Record<Freshness, number>>;
  readonly endpoints: readonly LiveEndpoint[];
};

/** Everything that is read for a snapshot. */
export type LiveSources = {
  readonly version: string;
  readonly registry: MetricRegistry;
  readonly pool: string;
  readonly objectives: ObjectiveTable;
  readonly snapshot: PoolSnapshot;
  readonly ledger: InFlightLedger;
  readonly windows: LiveWindows;
  readonly flow: () => FlowStatus;
  readonly staleAfterMs: Milliseconds;
  /** Monotonic. */
  readonly nowMs: Milliseconds;
  readonly wallMs: Milliseconds;
};

/** More than this is not a page any more. */
const mostObjectives = 50;

function burnWindow({ windows, nowMs }: LiveSources, { name, target }: ObjectiveSummary, windowMs: Milliseconds) {
  const increase = windows.judged(name, windowMs, nowMs);
  const counts = { met: increase?.by[0] ?? 0, missed: increase?.by[1] ?? 0 };
  return {
    windowSeconds: toSeconds(windowMs),
    coveredSeconds: toSeconds(Math.min(increase?.coveredMs ?? 0, windowMs)),
    ...counts,
    attainment: attainmentRatio(counts),
    burn: target === undefined ? undefined : burnRate(counts, target),
  } satisfies BurnWindow;
}

type Histograms = Readonly<Record<ShownHistogram, ByObjective>>;

function distribution(
  { windows, nowMs }: LiveSources,
  histograms: Histograms,
  shown: ShownHistogram,
  objective: string,
): Distribution | undefined {
  const histogram = histograms[shown].get(objective);
  if (histogram === undefined) return undefined;
  const { by: recent } = windows.measured(shown, objective, nowMs, histogram.counts);
  const inWindow = { ...histogram, counts: recent, count: recent.reduce((sum, count) => sum + count, 0) };
  return {
    sinceStart: histogram.counts,
    recent,
    recentQuantiles: { p50: quantileOf(inWindow, 0.5), p99: quantileOf(inWindow, 0.99) },
  };
}

function liveObjective(sources: LiveSources, histograms: Histograms, summary: ObjectiveSummary): LiveObjective {
  const { name } = summary;
  const steps = sources.windows.judgedSteps(name);
  const shown = shownHistogramNames.flatMap((dimension) => {
    const found = distribution(sources, histograms, dimension, name);
    return found === undefined ? [] : [[dimension, found] as const];
  });
  return {
    ...summary,
    windows: burnWindowsMs.map((windowMs) => burnWindow(sources, summary, windowMs)),
    steps: { met: steps.map(([met]) => met ?? 0), missed: steps.map(([, missed]) => missed ?? 0) },
    distributions: Object.fromEntries(shown),
  };
}

function liveEndpoints(sources: LiveSources, { saturation }: FlowStatus): readonly LiveEndpoint[] {
  const room = new Map(saturation.endpoints.map((endpoint) => [endpoint.id, endpoint]));
  const rows = summariseEndpoints(sources).map((row) => ({
    ...row,
    recentPicks: sources.windows.picks(row.id, sources.nowMs),
  }));
  const total = rows.reduce((sum, { recentPicks }) => sum + recentPicks, 0);
  return rows.map((row) => ({
    ...row,
    recentPicksShare: total === 0 ? undefined : row.recentPicks / total,
    saturation: room.get(row.id)?.saturation,
    capacity: room.get(row.id)?.capacity,
  }));
}

function refusals({ registry, pool }: LiveSources): LiveSnapshot["refusals"] {
  return registry
    .values(pickerMetrics.refusalsTotal, { pool })
    .filter(({ value }) => value > 0)
    .map(({ labels, value }) => ({ code: labels.code, count: value }));
}

/** Those of one objective are those of all. */
function edgesOf(histograms: Histograms): LiveSnapshot["edges"] {
  const known = shownHistogramNames.flatMap((shown) => {
    const [histogram] = histograms[shown].values();
    return histogram === undefined ? [] : [[shown, histogram.edges] as const];
  });
  return Object.fromEntries(known);
}

/** One snapshot of everything but single decisions, bounded whatever is configured. */
export function liveSnapshot(sources: LiveSources): LiveSnapshot {
  const { version, registry, pool, objectives, snapshot, ledger, windows, nowMs, wallMs } = sources;
  const status = sources.flow();
  const endpoints = liveEndpoints(sources, status);
  const summaries = summarise(registry, pool, objectives).slice(0, mostObjectives);
  const histograms = readHistograms(registry, pool);
  const endpointStates: Record<Freshness, number> = { fresh: 0, stale: 0, unknown: 0 };
  for (const { state } of endpoints) endpointStates[state]++;
  return {
    version,
    pool,
    takenAtWallMs: Math.round(wallMs),
    recentSeconds: toSeconds(recentMs),
    stepSeconds: toSeconds(sampleStepMs),
    inFlight: ledger.total,
    saturation: status.saturation.saturation,
    flow: liveFlow({ registry, pool, status, windows, objectives: summaries.map(({ name }) => name), nowMs }),
    refusals: refusals(sources),
    edges: edgesOf(histograms),
    objectives: summaries.map((summary) => liveObjective(sources, histograms, summary)),
    endpointCount: snapshot.endpoints.length,
    endpointStates,
    endpoints,
  };
}
