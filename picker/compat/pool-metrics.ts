/** The field's metrics of the pool, of the scheduler and of the process. */
import { endpointMetrics, pickerMetrics, poolMetrics, processMetrics } from "#metrics";
import { freshness, type EndpointMetrics } from "#pool";
import { cellsOf, endpointsById, single, type CompatMetric, type Reading } from "./view-metric.ts";

type Measure = (metrics: EndpointMetrics) => number | undefined;

const freshValues = ({ snapshot, nowMs, staleAfterMs }: Reading, measure: Measure): readonly number[] =>
  snapshot.endpoints.flatMap(({ metrics }) => {
    const value =
      metrics !== undefined && freshness(metrics, nowMs, staleAfterMs) === "fresh" ? measure(metrics) : undefined;
    return value === undefined ? [] : [value];
  });

/** NaN, and so left out, where no endpoint said. */
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}

const gauge = { type: "gauge", unit: "none" } as const;
const ofPool = { ...gauge, labels: ["name"], differs: undefined } as const;
const measures = [
  ["kv_cache_utilization", "KV cache usage", (metrics) => metrics.kvCacheUsageRatio],
  ["queue_size", "waiting requests", (metrics) => metrics.waitingRequests],
  ["running_requests", "running requests", (metrics) => metrics.runningRequests],
] as const satisfies readonly (readonly [name: string, words: string, Measure])[];

const spread = measures.flatMap(([name, words, measure]): readonly CompatMetric[] => [
  {
    ...ofPool,
    name: `average_${name}`,
    help: `Mean ${words} over the fresh endpoints.`,
    from: "the pool snapshot",
    differs: "not rounded, and absent where no endpoint is fresh; the field keeps the last value",
    read: (reading) => ({ series: [single({ name: reading.pool }, mean(freshValues(reading, measure)))] }),
  },
  {
    ...ofPool,
    name: `std_dev_${name}`,
    help: `Standard deviation of the ${words} over the fresh endpoints.`,
    from: "the pool snapshot",
    differs: "as the average",
    read: (reading) => ({ series: [single({ name: reading.pool }, deviation(freshValues(reading, measure)))] }),
  },
]);

/** Picks of an endpoint that has just left have no port any more, and leave with it. */
function picks(reading: Reading) {
  const endpoints = endpointsById(reading);
  const values = reading.registry.values(endpointMetrics.picksTotal, { pool: reading.pool });
  return values.flatMap(({ labels, value }) => {
    const endpoint = endpoints.get(labels.endpoint);
    if (endpoint === undefined) return [];
    const { name, namespace, port } = endpoint;
    return [single({ status: "success", endpoint_name: name, namespace, port: String(port) }, value)];
  });
}

const schedulerView: readonly CompatMetric[] = [
  {
    name: "scheduler_e2e_duration_seconds",
    type: "histogram",
    unit: "seconds",
    help: "Time from a whole request to its decision.",
    labels: [],
    from: "`attain_picker_decision_duration_seconds`",
    differs: "parsing the request is inside; the buckets are ours",
    read: ({ registry }) => {
      const found = registry.histogramOf(pickerMetrics.decisionDurationSeconds);
      if (found === undefined) return { series: [] };
      return { edges: Float64Array.from(found.edges), series: [{ labels: {}, cells: cellsOf(found) }] };
    },
  },
  {
    name: "scheduler_attempts_total",
    type: "counter",
    unit: "none",
    help: "Decisions for an endpoint.",
    labels: ["status", "target_model_name", "endpoint_name", "namespace", "port"],
    from: "`attain_endpoint_picks_total`",
    differs: '`status="success"` only, without a model',
    read: (reading) => ({ series: picks(reading) }),
  },
];

export const poolView: readonly CompatMetric[] = [
  ...spread,
  {
    ...ofPool,
    name: "ready_endpoints",
    help: "Endpoints whose metrics are fresh.",
    from: '`attain_pool_endpoints{state="fresh"}`',
    read: ({ registry, pool }) => ({
      series: registry
        .values(poolMetrics.endpoints, { pool, state: "fresh" })
        .map(({ value }) => single({ name: pool }, value)),
    }),
  },
  {
    ...gauge,
    name: "per_endpoint_queue_size",
    help: "Waiting requests of each fresh endpoint.",
    labels: ["name", "model_server_endpoint"],
    from: "the pool snapshot",
    differs: undefined,
    read: ({ pool, snapshot, nowMs, staleAfterMs }) => ({
      series: snapshot.endpoints.flatMap(({ name, metrics }) =>
        metrics?.waitingRequests === undefined || freshness(metrics, nowMs, staleAfterMs) !== "fresh"
          ? []
          : [single({ name: pool, model_server_endpoint: name }, metrics.waitingRequests)],
      ),
    }),
  },
  {
    ...gauge,
    name: "request_running",
    help: "Requests that were sent to an endpoint and have not ended.",
    labels: [],
    from: "`attain_endpoint_requests_in_flight` (summed)",
    differs: "without labels: sums are right, a split by model or priority is not there",
    read: ({ registry, pool }) => ({
      series: registry.values(endpointMetrics.requestsInFlight, { pool }).map(({ value }) => single({}, value)),
    }),
  },
  ...schedulerView,
  {
    ...gauge,
    name: "extproc_streams_inflight",
    help: "Open ext-proc streams.",
    labels: [],
    from: "`attain_picker_streams_open`",
    differs: undefined,
    read: ({ registry }) => ({
      series: registry.values(pickerMetrics.streamsOpen).map(({ value }) => single({}, value)),
    }),
  },
  {
    ...gauge,
    name: "info",
    help: "The running build, always 1.",
    labels: ["commit", "build_ref"],
    from: "`attain_build_info`",
    differs: "`build_ref` is our version",
    read: ({ registry }) => ({
      series: registry
        .values(processMetrics.buildInfo)
        .map(({ labels, value }) => single({ commit: labels.commit, build_ref: labels.version }, value)),
    }),
  },
];
