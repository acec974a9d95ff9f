import { poolMetrics, requestMetrics } from "#metrics";
import { countOf, maxBy, rate, ratio, sumBy } from "#promql";
import { attention, directionColours, endpointStateColours, neutral } from "./colour.ts";
import { answers, graph, stack, stat, type Dashboard, type Panel } from "./panel.ts";
import { dispatchedInFlight, inFlightPanel, saturationPanel, saturationStat } from "./pool-panels.ts";
import { latencies, models } from "./pool-models.ts";
import { roomPanels } from "./pool-room.ts";
import { value } from "./query.ts";
import { ofObjective, ofPool, scoped } from "./scope.ts";
import { oneOrMore } from "./steps.ts";

const now = "$__rate_interval";

/** Replicas of the picker see the same endpoints: the one that sees most of them counts. */
const endpointsByState = maxBy(["pool", "state"], scoped(poolMetrics.endpoints, ofPool));
const freshEndpoints = sumBy(
  ["pool"],
  maxBy(["pool", "state"], scoped(poolMetrics.endpoints, { ...ofPool, state: "fresh" })),
);
const otherEndpoints = maxBy(
  ["pool", "state"],
  scoped(poolMetrics.endpoints, { ...ofPool, state: ["stale", "unknown"] }),
);

const standing: readonly Panel[] = [
  stat({
    title: "Fresh endpoints",
    description: answers(
      "Endpoints whose metrics the picker knows and trusts.",
      "As many as there are model servers.",
      "0 with traffic: every request goes by guess. See the endpoints' states.",
    ),
    unit: "count",
    queries: [value(sumBy([], freshEndpoints), "fresh")],
    steps: [
      { from: undefined, colour: attention },
      { from: 1, colour: neutral },
    ],
    runbook: ["AttainPoolNoEndpoints"],
  }),
  stat({
    title: "Stale or unknown",
    description: answers(
      "Endpoints whose metrics are too old to trust, or were never had.",
      "0, except while model servers start.",
      "Open the Endpoints dashboard: the reason of the failed scrapes says why.",
    ),
    unit: "count",
    queries: [value(sumBy([], otherEndpoints), "stale or unknown")],
    steps: oneOrMore(attention),
    runbook: ["AttainEndpointScrapeStale"],
  }),
  saturationStat,
  stat({
    title: "At model servers",
    description: answers(
      "Requests that were dispatched and have not ended.",
      "Follows the traffic times the duration of a request.",
      "Compare with saturation: few requests on a full pool are long ones.",
    ),
    unit: "count",
    queries: [value(sumBy([], dispatchedInFlight), "in flight")],
  }),
  stat({
    title: "For each fresh endpoint",
    description: answers(
      "Dispatched requests in flight for each fresh endpoint, on average over the pool.",
      "Below the batch size that model servers decode well at.",
      "Far above it TPOT grows: add endpoints.",
    ),
    unit: "count",
    decimals: 1,
    queries: [value(ratio(sumBy([], dispatchedInFlight), sumBy([], freshEndpoints)), "each")],
  }),
  stat({
    title: "Snapshot age",
    description: answers(
      "Age of the pool snapshot that requests are scheduled over; the oldest of all pickers.",
      "Below a second.",
      "Growing: the picker's loop is blocked. See the Picker dashboard.",
    ),
    unit: "seconds",
    queries: [value(maxBy([], scoped(poolMetrics.snapshotAgeSeconds, ofPool)), "oldest")],
    runbook: ["AttainPickerOverloaded"],
  }),
];

const capacity: readonly Panel[] = [
  stack({
    title: "Endpoints by state",
    description: answers(
      "Endpoints of the pool: fresh, stale (metrics too old) or unknown (never scraped).",
      "All fresh; unknown for seconds while a model server starts.",
      "Stale: scrapes fail, see the Endpoints dashboard. Unknown for long: wrong port or path of metrics.",
    ),
    unit: "count",
    width: 8,
    queries: [value(sumBy(["state"], endpointsByState), { by: ["state"] })],
    colours: endpointStateColours,
    runbook: ["AttainEndpointScrapeStale"],
  }),
  saturationPanel,
  inFlightPanel,
];

const tokens = (direction: "input" | "output" | "cached" | readonly ["input", "output", "cached"]) =>
  scoped(requestMetrics.tokensTotal, { ...ofPool, direction });

const demand: readonly Panel[] = [
  stack({
    title: "Requests by objective",
    description: answers(
      "Requests per second that reached their end, by objective.",
      "The pattern of the day.",
      "A step in one objective is a client that changed: compare its prompts and answers.",
    ),
    unit: "requests/s",
    width: 8,
    queries: [
      value(sumBy(["objective"], rate(countOf(scoped(requestMetrics.durationSeconds, ofObjective)), now)), {
        by: ["objective"],
      }),
    ],
  }),
  graph({
    title: "Tokens",
    description: answers(
      "Tokens per second of ended requests: input (cached ones included), the cached part of it, and output.",
      "Input well above output; cached follows input where prompts share prefixes.",
      "Output flat while requests grow: decode is at its limit.",
    ),
    unit: "tokens/s",
    width: 8,
    least: 0,
    queries: [value(sumBy(["direction"], rate(tokens(["input", "output", "cached"]), now)), { by: ["direction"] })],
    colours: directionColours,
  }),
  graph({
    title: "Cached and estimated shares",
    description: answers(
      "Cached input tokens as a share of input tokens, by model; and output tokens that were counted by events because the answer carried no usage.",
      "A high cached share where prompts share prefixes; no estimated output.",
      "Cached share falls: endpoints restarted, or prefixes are spread too widely. Estimated output: let clients ask for usage, or the model server send it.",
    ),
    unit: "ratio",
    decimals: 1,
    width: 8,
    least: 0,
    most: 1,
    queries: [
      value(ratio(sumBy(["model"], rate(tokens("cached"), now)), sumBy(["model"], rate(tokens("input"), now))), {
        by: ["model"],
        text: "cached",
      }),
      value(
        ratio(
          sumBy(
            ["model"],
            rate(scoped(requestMetrics.tokensTotal, { ...ofPool, direction: "output", source: "estimated" }), now),
          ),
          sumBy(["model"], rate(tokens("output"), now)),
        ),
        { by: ["model"], text: "estimated" },
      ),
    ],
  }),
];

/** Is there room, and for what load? */
export const pool: Dashboard = {
  name: "pool",
  uid: "attain-pool",
  title: "Attain / Pool",
  description: "Endpoints, saturation, room, load, tokens and latencies of each InferencePool.",
  variables: ["pool", "objective", "quantile"],
  from: "now-6h",
  rows: [
    { title: "Pool", isCollapsed: false, panels: [...standing, ...capacity] },
    { title: "Room", isCollapsed: true, panels: roomPanels },
    { title: "Load", isCollapsed: true, panels: demand },
    { title: "Latency", isCollapsed: true, panels: latencies },
    { title: "Models", isCollapsed: true, panels: [models] },
  ],
};
