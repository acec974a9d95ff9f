import { baseEdges } from "../edges.ts";
import { defineCounter, defineGauge, defineHistogram } from "../spec.ts";

const stable = { stability: "stable", owner: "picker" } as const;
const latency = { ...stable, unit: "seconds", labels: ["pool", "objective", "model"] } as const;

/** What was measured of requests. Instants and spans: docs/attainment.md. */
export const requestMetrics = {
  ttftSeconds: defineHistogram({
    ...latency,
    name: "attain_request_ttft_seconds",
    help: "Arrival to first output token of streamed responses, queueing included, observed at the first token.",
    edges: baseEdges.ttft,
  }),
  tpotSeconds: defineHistogram({
    ...latency,
    name: "attain_request_tpot_seconds",
    help: "Mean time per output token after the first, of streamed responses with at least two output tokens.",
    edges: baseEdges.tpot,
  }),
  durationSeconds: defineHistogram({
    ...latency,
    name: "attain_request_duration_seconds",
    help: "Arrival to the end of the response.",
    edges: baseEdges.duration,
  }),
  queueSeconds: defineHistogram({
    ...latency,
    name: "attain_request_queue_seconds",
    help: "Arrival to dispatch: parsing, waiting and scheduling.",
    edges: baseEdges.queue,
  }),
  tokensTotal: defineCounter({
    ...stable,
    name: "attain_request_tokens_total",
    unit: "tokens",
    help: "Tokens of ended requests; source says whether the model server reported them or the picker counted events.",
    labels: ["pool", "model", "direction", "source"],
    values: { direction: ["input", "output", "cached"], source: ["usage", "estimated"] },
  }),
  upstreamErrorsTotal: defineCounter({
    ...stable,
    name: "attain_request_upstream_errors_total",
    unit: "none",
    help: "Requests whose response was a server error, was cut off, or said that it failed.",
    labels: ["pool", "objective", "model"],
  }),
  inFlight: defineGauge({
    ...stable,
    name: "attain_requests_in_flight",
    unit: "none",
    help: "Requests that arrived and have not ended, waiting ones included.",
    labels: ["pool", "objective"],
  }),
};
