/** The field's metrics of flow control. Its flows are tenants, models and priorities; ours are counted by band and by objective. */
import { endpointMetrics, flowMetrics, poolMetrics, type GaugeSpec, type ViewedSeries } from "#metrics";
import { flowOutcomes } from "../flow/flow-events.ts";
import { goneWhileQueued, refusalRules, type FieldOutcome } from "../flow/refusal/outcomes.ts";
import { outcomeLabels } from "../flow/report/flow-series.ts";
import { cellsOf, endpointsById, single, type CompatMetric, type Reading, type Viewed } from "./view-metric.ts";

/** The field's word for each value of our label `outcome`; undefined: such a request is in none of its counts. */
const fieldOutcomes: ReadonlyMap<string, FieldOutcome | "Dispatched" | undefined> = new Map(
  flowOutcomes.map((outcome) => {
    const label = outcomeLabels[outcome];
    if (outcome === "dispatched") return [label, "Dispatched"];
    return [label, outcome === "client-gone" ? goneWhileQueued.fieldOutcome : refusalRules[outcome].fieldOutcome];
  }),
);

/** Empty: the objective is gone, or the field has no word for the outcome. */
function withOutcome(
  { pool, priorities }: Reading,
  { objective, outcome }: { readonly objective: string; readonly outcome: string },
  cells: Float64Array,
): readonly ViewedSeries[] {
  const priority = priorities.get(objective);
  const fieldOutcome = fieldOutcomes.get(outcome);
  if (priority === undefined || fieldOutcome === undefined) return [];
  return [{ labels: { outcome: fieldOutcome, priority, inference_pool: pool }, cells }];
}

function requests(reading: Reading): Viewed {
  const values = reading.registry.values(flowMetrics.outcomesTotal, { pool: reading.pool });
  return { series: values.flatMap(({ labels, value }) => withOutcome(reading, labels, Float64Array.of(value))) };
}

/** Waits of refused requests are one in ours, and several outcomes in the field's. */
function waits(reading: Reading): Viewed {
  const found = reading.registry.histograms(flowMetrics.waitSeconds, { pool: reading.pool });
  return {
    edges: Float64Array.from(found[0]?.histogram.edges ?? []),
    series: found.flatMap(({ labels, histogram }) => withOutcome(reading, labels, cellsOf(histogram))),
  };
}

const ofBands =
  (spec: GaugeSpec<readonly ["pool", "priority"]>) =>
  ({ registry, pool }: Reading): Viewed => ({
    series: registry
      .values(spec, { pool })
      .map(({ labels, value }) => single({ priority: labels.priority, inference_pool: pool }, value)),
  });

/** What the field stops at: its fullest stage; the pool where no endpoint takes one; 1 where there is no endpoint. */
function effectiveSaturation({ registry, pool }: Reading, stages: readonly number[]): number {
  if (stages.length > 0) return Math.max(...stages);
  const isEmpty = registry.value(flowMetrics.mode, { pool, mode: "no_endpoints" }) === 1;
  const [ofPool] = registry.values(poolMetrics.saturationRatio, { pool });
  return isEmpty ? 1 : (ofPool?.value ?? Number.NaN);
}

function saturation(reading: Reading): Viewed {
  const { registry, pool } = reading;
  const of = (stage: string, value: number): ViewedSeries => single({ inference_pool: pool, stage }, value);
  const stages = registry.values(flowMetrics.saturationRatio, { pool });
  const effective = effectiveSaturation(
    reading,
    stages.map(({ value }) => value),
  );
  return { series: [...stages.map(({ labels, value }) => of(labels.stage, value)), of("effective", effective)] };
}

function withoutFreshMetrics({ registry, pool }: Reading): Viewed {
  const values = registry.values(poolMetrics.endpoints, { pool });
  return { series: values.flatMap(({ labels, value }) => (labels.state === "fresh" ? [] : [single({}, value)])) };
}

function inFlight(reading: Reading): Viewed {
  const endpoints = endpointsById(reading);
  const values = reading.registry.values(endpointMetrics.requestsInFlight, { pool: reading.pool });
  return {
    series: values.flatMap(({ labels, value }) => {
      const endpoint = endpoints.get(labels.endpoint);
      return endpoint === undefined
        ? []
        : [single({ endpoint_name: endpoint.name, namespace: endpoint.namespace }, value)];
    }),
  };
}

const flowLabels = ["fairness_id", "priority", "inference_pool", "model_name", "target_model_name"] as const;
const gauge = { type: "gauge", unit: "none" } as const;

export const flowView: readonly CompatMetric[] = [
  {
    name: "flow_control_requests_total",
    type: "counter",
    unit: "none",
    help: "Requests that left flow control, by the field's words for how.",
    labels: ["outcome", "priority", "inference_pool"],
    from: "`attain_flow_outcomes_total`",
    differs: "without outcomes that the field has no word for, see below; in legacy admission it is there as well",
    read: requests,
  },
  {
    name: "flow_control_request_queue_duration_seconds",
    type: "histogram",
    unit: "seconds",
    help: "Time in flow control of requests that were dispatched or whose client left.",
    labels: [...flowLabels, "outcome"],
    from: "`attain_flow_wait_seconds`",
    differs: '`outcome="Dispatched"` and `"EvictedContextCancelled"` only; no model',
    read: waits,
  },
  {
    ...gauge,
    name: "flow_control_queue_size",
    help: "Requests that wait, by priority band.",
    labels: flowLabels,
    from: "`attain_flow_queue_requests`",
    differs: "no model; `priority` is that of the band in which it waits, so that a demoted request moves",
    read: ofBands(flowMetrics.queueRequests),
  },
  {
    ...gauge,
    name: "flow_control_queue_bytes",
    help: "Size of the bodies of waiting requests, by priority band.",
    labels: flowLabels,
    from: "`attain_flow_queue_bytes`",
    differs: "as the size",
    read: ofBands(flowMetrics.queueBytes),
  },
  {
    ...gauge,
    name: "flow_control_pool_saturation",
    help: "Share of the capacity that is taken; effective: of the fullest stage, 1 without endpoints.",
    labels: ["inference_pool", "stage"],
    from: "`attain_flow_saturation_ratio`, `attain_pool_saturation_ratio`, `attain_flow_mode`",
    differs: "at most 1; requests go on while one endpoint has room, whatever it says",
    read: saturation,
  },
  {
    ...gauge,
    name: "flow_control_stale_endpoints",
    help: "Endpoints whose metrics are stale or unknown.",
    labels: ["detector"],
    from: "`attain_pool_endpoints` (stale and unknown)",
    differs: "no detector; by the age of `attain_pool_endpoints`",
    read: withoutFreshMetrics,
  },
  {
    name: "flow_control_revocations_issued_total",
    type: "counter",
    unit: "none",
    help: "Requests in flight that were given up for more important ones.",
    labels: ["priority", "inference_pool"],
    from: "`attain_flow_evicted_total` (summed)",
    differs: "no priority: ours is counted by the request that gave way, the field's by the one that came",
    read: ({ registry, pool }) => ({
      series: registry
        .values(flowMetrics.evictedTotal, { pool })
        .map(({ value }) => single({ inference_pool: pool }, value)),
    }),
  },
  {
    ...gauge,
    name: "inflight_requests",
    help: "Requests that were sent to the endpoint and have not ended.",
    labels: ["endpoint_name", "namespace", "producer_name", "fairness_id", "priority"],
    from: "`attain_endpoint_requests_in_flight`",
    differs: "by endpoint only; series go with their endpoint",
    read: inFlight,
  },
];
