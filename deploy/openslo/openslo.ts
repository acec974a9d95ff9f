/**
 * Service levels as OpenSLO v1 documents. One SLO for each InferenceSLO, since its target is of requests that meet every
 * threshold, and beside it one SLI for each dimension, to be used in SLOs of one's own.
 * Source: OpenSLO v1 specification and its JSON schemas (schemas/v1).
 */
import { objectiveMetrics } from "#metrics";
import type { Dimension, InferenceObjective, ServiceLevel } from "#objective";
import { dimensions } from "#objective";
import { series, sumBy, type Vector } from "#promql";
import { formatDuration, type Milliseconds } from "#units";
import { stringify } from "yaml";

export type OpenSloOptions = {
  /** Pool of every objective; undefined: the one that each names, and no pool where it names none. */
  readonly pool: string | undefined;
  /** Name of an OpenSLO DataSource; undefined: the documents name only the kind, Prometheus. */
  readonly dataSource: string | undefined;
};

type Promised = { readonly objective: InferenceObjective; readonly level: ServiceLevel };

/** Name of the service where neither objective nor installation names a pool. */
const serviceWithoutPool = "inference";
const apiVersion = "openslo/v1";

const inWords: Readonly<Record<Dimension, string>> = {
  ttft: "time to first token",
  tpot: "time per output token",
  e2e: "time to the end of the response",
};

type Matchers = { readonly pool?: string | undefined; readonly objective: string };

const matchersOf = ({ objective }: Promised, { pool = objective.poolName }: OpenSloOptions): Matchers => ({
  pool,
  objective: objective.name,
});

const thresholdsOf = ({ level }: Promised): readonly (readonly [Dimension, Milliseconds])[] =>
  dimensions.flatMap((dimension) => {
    const threshold = level.thresholds[`${dimension}Ms`];
    return threshold === undefined ? [] : [[dimension, threshold] as const];
  });

const metricSource = ({ text }: Vector, { dataSource }: OpenSloOptions): object => ({
  metricSource: {
    ...(dataSource !== undefined && { metricSourceRef: dataSource }),
    type: "Prometheus",
    spec: { query: text },
  },
});

const ratioMetric = (good: Vector, total: Vector, options: OpenSloOptions): object => ({
  ratioMetric: { counter: true, good: metricSource(good, options), total: metricSource(total, options) },
});

/** Periods are whole minutes, hours or days there. */
function windowOf(ms: Milliseconds): string {
  for (const [unit, size] of [
    ["d", 86_400_000],
    ["h", 3_600_000],
  ] as const) {
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${Math.max(1, Math.ceil(ms / 60_000))}m`;
}

const serviceOf = (promised: Promised, options: OpenSloOptions): string =>
  matchersOf(promised, options).pool ?? serviceWithoutPool;

function sloDocument(promised: Promised, options: OpenSloOptions): object {
  const { objective, level } = promised;
  const matchers = matchersOf(promised, options);
  const requests = (verdict: "met" | readonly ("met" | "missed")[]): Vector =>
    sumBy([], series(objectiveMetrics.requestsTotal, { ...matchers, verdict }));
  const thresholds = thresholdsOf(promised);
  const promises = thresholds.map(([dimension, ms]) => `${inWords[dimension]} at most ${formatDuration(ms)}`);
  return {
    apiVersion,
    kind: "SLO",
    metadata: {
      name: objective.name,
      displayName: `${objective.name} meets its objective`,
      annotations: Object.fromEntries(
        thresholds.map(([dimension, ms]) => [`attain.dev/${dimension}`, formatDuration(ms)]),
      ),
    },
    spec: {
      description: `Judged requests of InferenceObjective ${objective.namespace}/${objective.name} that met it: ${promises.join(", ")}.`,
      service: serviceOf(promised, options),
      indicator: {
        metadata: { name: `${objective.name}-met` },
        spec: ratioMetric(requests("met"), requests(["met", "missed"]), options),
      },
      timeWindow: [{ duration: windowOf(level.periodMs), isRolling: true }],
      budgetingMethod: "Occurrences",
      objectives: [{ displayName: "met", target: level.target }],
    },
  };
}

function sliDocument(
  promised: Promised,
  [dimension, ms]: readonly [Dimension, Milliseconds],
  options: OpenSloOptions,
): object {
  const { name } = promised.objective;
  const matchers = { ...matchersOf(promised, options), dimension };
  const settled = (verdict: "met" | undefined): Vector =>
    sumBy([], series(objectiveMetrics.dimensionTotal, { ...matchers, verdict }));
  return {
    apiVersion,
    kind: "SLI",
    metadata: {
      name: `${name}-${dimension}`,
      displayName: `${name}: ${inWords[dimension]} at most ${formatDuration(ms)}`,
    },
    spec: ratioMetric(settled("met"), settled(undefined), options),
  };
}

const serviceDocument = (name: string): object => ({
  apiVersion,
  kind: "Service",
  metadata: { name, displayName: `Inference pool ${name}` },
  spec: { description: "Requests that an Attain picker routed, judged against their objectives." },
});

/** Services first, then for each objective its SLO and its SLIs. An objective without targets promises nothing. */
export function openSloDocuments(
  objectives: readonly { readonly objective: InferenceObjective; readonly level: ServiceLevel | undefined }[],
  options: OpenSloOptions,
): readonly object[] {
  const promised = objectives.flatMap(({ objective, level }) => (level === undefined ? [] : [{ objective, level }]));
  const services = new Set(promised.map((one) => serviceOf(one, options)));
  return [
    ...[...services].map(serviceDocument),
    ...promised.flatMap((one) => [
      sloDocument(one, options),
      ...thresholdsOf(one).map((threshold) => sliDocument(one, threshold, options)),
    ]),
  ];
}

/** A YAML stream, byte-stable; empty text without a service level. */
export const renderOpenSlo = (documents: readonly object[]): string =>
  documents.map((document) => stringify(document, { lineWidth: 0, aliasDuplicateObjects: false })).join("---\n");
