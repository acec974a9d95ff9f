/** Panels of the room that a pool has, and of what waits for its first endpoint. */
import { flowMetrics } from "#metrics";
import { add, maxBy, minBy, mul, sumBy } from "#promql";
import { attention, endpointStateColours, neutral } from "./colour.ts";
import { answers, graph, timeline, type Panel } from "./panel.ts";
import { value } from "./query.ts";
import { ofPool, scoped } from "./scope.ts";

const inMode = (mode: "concurrency_only" | "no_endpoints") =>
  maxBy(["pool"], scoped(flowMetrics.mode, { ...ofPool, mode }));
/** 0 normal, 1 by count, 2 no endpoints: at the picker that knows least. */
const mode = maxBy(["pool"], add(inMode("concurrency_only"), mul(inMode("no_endpoints"), 2)));

export const roomPanels: readonly Panel[] = [
  timeline({
    title: "What dispatch goes by",
    description: answers(
      "What flow control decides from, at the picker that knows least: metrics and its own count, its count alone, or nothing since there is no endpoint.",
      "metrics and count.",
      "count alone: no scrape is fresh, see the Endpoints dashboard; dispatch goes on. no endpoints: requests are held.",
    ),
    unit: "count",
    width: 8,
    queries: [value(mode, { by: ["pool"] })],
    steps: [
      { from: undefined, colour: neutral, text: "metrics and count" },
      { from: 1, colour: attention, text: "count alone" },
      { from: 2, colour: endpointStateColours.unknown, text: "no endpoints" },
    ],
    runbook: ["AttainFlowConcurrencyOnly", "AttainHeldForZero"],
  }),
  graph({
    title: "Saturation by stage",
    description: answers(
      "Share of the capacity that is taken of the endpoints that take each stage.",
      "Below 80 %. Only decode where no endpoint is for prefill.",
      "One stage full and the other not: move endpoints from one role to the other.",
    ),
    unit: "ratio",
    decimals: 0,
    width: 8,
    least: 0,
    queries: [value(maxBy(["stage"], scoped(flowMetrics.saturationRatio, ofPool)), { by: ["stage"] })],
  }),
  graph({
    title: "Ceiling by priority",
    description: answers(
      "Share of each endpoint's capacity that requests of a priority may use now; the lowest of all pickers.",
      "100 %; less for low priorities where a policy holds room back.",
      "Low for a priority that waits: see `usageLimitPolicyPluginRef`.",
    ),
    unit: "ratio",
    decimals: 0,
    width: 8,
    least: 0,
    queries: [value(minBy(["priority"], scoped(flowMetrics.ceilingRatio, ofPool)), { by: ["priority"] })],
  }),
  graph({
    title: "Held for the first endpoint",
    description: answers(
      "Requests that wait because the pool has no endpoints, all pickers together.",
      "0; above it while a pool that was scaled to zero starts.",
      "For longer than a start is expected to take: see why no pod becomes ready.",
    ),
    unit: "count",
    width: 8,
    least: 0,
    queries: [value(sumBy(["pool"], scoped(flowMetrics.heldRequests, ofPool)), { by: ["pool"] })],
    runbook: ["AttainHeldForZero", "AttainPoolNoEndpoints"],
  }),
  graph({
    title: "Tokens held for the first endpoint",
    description: answers(
      "Tokens that requests are expected to cost which wait because the pool has no endpoints.",
      "0; above it while a pool that was scaled to zero starts.",
      "More than one endpoint serves in the time that clients wait: scale to more than one at once.",
    ),
    unit: "tokens",
    width: 8,
    least: 0,
    queries: [value(sumBy(["pool"], scoped(flowMetrics.heldTokens, ofPool)), { by: ["pool"] })],
    runbook: ["AttainHeldForZero"],
  }),
  graph({
    title: "Expected cold start",
    description: answers(
      "Time that a start of the pool from no endpoint to its first one is expected to take, learned from those that were seen; 60 s until then.",
      "Flat.",
      "Rising: images or weights load slower. Longer than clients wait: keep one replica.",
    ),
    unit: "seconds",
    width: 8,
    least: 0,
    queries: [value(maxBy(["pool"], scoped(flowMetrics.expectedColdStartSeconds, ofPool)), { by: ["pool"] })],
    runbook: ["AttainHeldForZero"],
  }),
];
