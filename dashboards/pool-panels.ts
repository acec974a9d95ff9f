/** Panels of a pool that more than one dashboard shows. */
import { endpointMetrics, poolMetrics, requestMetrics } from "#metrics";
import { maxBy, sumBy } from "#promql";
import { answers, graph, stack, stat } from "./panel.ts";
import { value } from "./query.ts";
import { ofObjective, ofPool, scoped } from "./scope.ts";

/** Replicas of the picker judge the same endpoints: the fullest view counts. */
const saturation = maxBy(["pool"], scoped(poolMetrics.saturationRatio, ofPool));

export const saturationStat = stat({
  title: "Saturation",
  description: answers(
    "Share of the capacity that is taken of all endpoints together; the fullest pool.",
    "Below 80 %. 100 % while there is no endpoint.",
    "At 100 % requests wait, and sheddable classes are refused: add endpoints or lower the load.",
  ),
  unit: "ratio",
  decimals: 0,
  queries: [value(maxBy([], saturation), "saturation")],
  runbook: ["AttainPoolNoEndpoints"],
});

export const saturationPanel = graph({
  title: "Saturation over time",
  description: answers(
    "Share of the capacity that is taken of all endpoints of each pool together.",
    "Below 80 %, with peaks under load; 100 % while there is no endpoint.",
    "Long at 100 %: the pool is too small for its load. High with few requests in flight: see the capacity of its endpoints.",
  ),
  unit: "ratio",
  decimals: 0,
  least: 0,
  queries: [value(saturation, { by: ["pool"] })],
  width: 8,
});

export const inFlightPanel = stack({
  title: "Requests in flight",
  description: answers(
    "Requests that arrived and have not ended, by objective, waiting ones included.",
    "Follows the traffic times the duration of a request.",
    "Growing at steady traffic: answers get slower, or requests wait. Compare with saturation.",
  ),
  unit: "count",
  queries: [value(sumBy(["objective"], scoped(requestMetrics.inFlight, ofObjective)), { by: ["objective"] })],
  width: 8,
});

/** Requests at model servers, all endpoints of the pool together. */
export const dispatchedInFlight = sumBy(["pool"], scoped(endpointMetrics.requestsInFlight, ofPool));
