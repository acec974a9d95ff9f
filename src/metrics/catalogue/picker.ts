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
  malformedMessagesTotal: defineCounter({
    ...beta,
    name: "attain_picker_malformed_messages_total",
    unit: "none",
    help: "Ext-proc messages that could not be read; each ended its own stream.",
    labels: [],
  }),
  decisionDurationSeconds: defineHistogram({
    ...beta,
    name: "attain_picker_decision_duration_seconds",
    unit: "seconds",
    help: "Time from a whole request to its decision: parsing and scheduling.",
    labels: [],
    edges: baseEdges.decision,
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
  traceSpansTotal: defineCounter({
    ...beta,
    name: "attain_picker_trace_spans_total",
    unit: "none",
    help: "Spans of kept traces, by what became of them; there only with tracing on.",
    labels: ["result"],
    values: { result: ["exported", "queue_full", "export_failed"] },
  }),
  eventLoopDelaySeconds: defineGauge({
    ...beta,
    name: "attain_picker_event_loop_delay_seconds",
    unit: "seconds",
    help: "Longest delay of the event loop since the previous collection.",
    labels: [],
  }),
};
