import { defineCounter, defineGauge } from "../spec.ts";

const stable = { stability: "stable", owner: "picker" } as const;

/** Single endpoints of a pool. Series go when the endpoint leaves the pool. */
export const endpointMetrics = {
  requestsInFlight: defineGauge({
    ...stable,
    name: "attain_endpoint_requests_in_flight",
    unit: "none",
    help: "Requests that this picker dispatched to the endpoint and that have not ended.",
    labels: ["pool", "endpoint"],
  }),
  picksTotal: defineCounter({
    ...stable,
    name: "attain_endpoint_picks_total",
    unit: "none",
    help: "Requests that this picker sent to the endpoint.",
    labels: ["pool", "endpoint"],
  }),
  state: defineGauge({
    ...stable,
    name: "attain_endpoint_state",
    unit: "none",
    help: "1 for the state the endpoint is in, 0 for the others.",
    labels: ["pool", "endpoint", "state"],
    values: { state: ["fresh", "stale", "unknown"] },
  }),
};
