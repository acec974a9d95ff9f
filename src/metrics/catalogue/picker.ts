import { baseEdges } from "../edges.ts";
import { defineCounter, defineGauge, defineHistogram } from "../spec.ts";

const beta = { stability: "beta", owner: "picker" } as const;

/** How the picker itself is doing. */
export const pickerMetrics = {
  streamsOpen: defineGauge({
    ...beta,
    name: "attain_picker_streams_open",
    unit: "none",
    help: "Open ext-proc streams.",
    labels: [],
  }),
  streamsTotal: defineCounter({
    ...beta,
    name: "attain_picker_streams_total",
    unit: "none",
    help: "Ext-proc streams that ended, by how they ended.",
    labels: ["result"],
  }),
  connectionsRefusedTotal: defineCounter({
    ...beta,
    name: "attain_picker_connections_refused_total",
    unit: "none",
    help: "Connections and streams that were refused before a request was read.",
    labels: ["reason"],
  }),
  decisionDurationSeconds: defineHistogram({
    ...beta,
    name: "attain_picker_decision_duration_seconds",
    unit: "seconds",
    help: "Time to schedule one request over one pool snapshot.",
    labels: [],
    edges: baseEdges.decision,
  }),
  phaseDurationSeconds: defineHistogram({
    ...beta,
    name: "attain_picker_phase_duration_seconds",
    unit: "seconds",
    help: "Time that requests spent in one phase of the picker.",
    labels: ["phase"],
    edges: baseEdges.queue,
  }),
  refusalsTotal: defineCounter({
    ...beta,
    name: "attain_picker_refusals_total",
    unit: "none",
    help: "Requests that the picker answered itself, by HTTP status code.",
    labels: ["pool", "code"],
  }),
  scrapeDurationSeconds: defineHistogram({
    ...beta,
    name: "attain_scrape_duration_seconds",
    unit: "seconds",
    help: "Time of one scrape of one model server, failed ones included.",
    labels: ["pool"],
    edges: baseEdges.scrape,
  }),
  scrapeFailuresTotal: defineCounter({
    ...beta,
    name: "attain_scrape_failures_total",
    unit: "none",
    help: "Scrapes of a model server that brought no usable answer.",
    labels: ["pool", "endpoint", "reason"],
  }),
  unknownObjectiveRequestsTotal: defineCounter({
    ...beta,
    name: "attain_unknown_objective_requests_total",
    unit: "none",
    help: "Requests that named an objective nobody configured.",
    labels: ["pool"],
  }),
  unknownModelRequestsTotal: defineCounter({
    ...beta,
    name: "attain_unknown_model_requests_total",
    unit: "none",
    help: "Requests that named a model nobody configured or serves.",
    labels: ["pool"],
  }),
  labelValuesDroppedTotal: defineCounter({
    ...beta,
    name: "attain_picker_label_values_dropped_total",
    unit: "none",
    help: "Uses of a label value that was folded into a reserved one because the label's bound was reached.",
    labels: ["label"],
  }),
  eventLoopDelaySeconds: defineGauge({
    ...beta,
    name: "attain_picker_event_loop_delay_seconds",
    unit: "seconds",
    help: "Longest delay of the event loop since the previous collection.",
    labels: [],
  }),
};
