/** How much each endpoint can take, and how much of it is taken. */
import { flowMetrics } from "#metrics";
import { maxBy, minBy } from "#promql";
import { answers, graph, matrix, type Panel } from "./panel.ts";
import { value } from "./query.ts";
import { ofEndpoint, perEndpoint, scoped } from "./scope.ts";

/** Replicas judge the same endpoints: the one that sees least room counts. */
const saturation = maxBy(perEndpoint, scoped(flowMetrics.endpointSaturationRatio, ofEndpoint));
export const endpointCapacity = minBy(perEndpoint, scoped(flowMetrics.endpointCapacityRequests, ofEndpoint));

export const endpointRoomPanels: readonly Panel[] = [
  matrix({
    title: "Saturation by endpoint",
    description: answers(
      "Share of each endpoint's capacity that is taken, as the picker sees it that sees least room; darker is more.",
      "All rows alike, below 100 %.",
      "One dark row: no more is sent there until it has room. All dark: requests wait, see the Flow control dashboard.",
    ),
    unit: "ratio",
    decimals: 0,
    queries: [value(saturation, { by: ["endpoint"] })],
  }),
  graph({
    title: "Capacity by endpoint",
    description: answers(
      "Requests that may be in flight at each endpoint: learned from latencies, or set; the least of all pickers.",
      "Steady, and alike for endpoints on the same hardware.",
      "Falls: answers got slower than their targets at this load. At its lower bound: the endpoint is slow whatever it gets; see what else runs there.",
    ),
    unit: "count",
    least: 0,
    queries: [value(endpointCapacity, { by: ["endpoint"] })],
  }),
];
