import { endpointMetrics, pickerMetrics } from "#metrics";
import {
  add,
  avgBy,
  countBy,
  div,
  gt,
  increase,
  ltBool,
  maxBy,
  minBy,
  mul,
  rate,
  ratio,
  stddevBy,
  sumBy,
  topk,
} from "#promql";
import { attention, endpointStateColours, neutral } from "./colour.ts";
import { endpointCapacity, endpointRoomPanels } from "./endpoint-room.ts";
import { answers, graph, matrix, stack, stat, table, timeline, type Dashboard, type Panel } from "./panel.ts";
import { tableOf, value } from "./query.ts";
import { ofEndpoint, perEndpoint, scoped } from "./scope.ts";
import type { Step } from "./step.ts";
import { oneOrMore } from "./steps.ts";

const range = "$__range";
const now = "$__rate_interval";

const inFlight = sumBy(perEndpoint, scoped(endpointMetrics.requestsInFlight, ofEndpoint));
const picks = (window: typeof range | typeof now) =>
  sumBy(perEndpoint, rate(scoped(endpointMetrics.picksTotal, ofEndpoint), window));
const failures = scoped(pickerMetrics.scrapeFailuresTotal, ofEndpoint);

const inState = (state: "fresh" | "stale") =>
  maxBy([...perEndpoint, "instance"], scoped(endpointMetrics.state, { ...ofEndpoint, state }));
/** 2 fresh, 1 stale, 0 unknown: what the worst informed picker knows of the endpoint. */
const knowledge = minBy(perEndpoint, add(mul(inState("fresh"), 2), inState("stale")));
const words: readonly Step[] = [
  { from: undefined, colour: endpointStateColours.unknown, text: "unknown" },
  { from: 1, colour: endpointStateColours.stale, text: "stale" },
  { from: 2, colour: endpointStateColours.fresh, text: "fresh" },
];

const meanInFlight = avgBy(["pool"], inFlight);
const standing: readonly Panel[] = [
  stat({
    title: "Endpoints",
    description: answers(
      "Endpoints of the pool that pickers know.",
      "As many as there are model servers.",
      "Fewer: discovery does not see them. Compare with the selector of the InferencePool.",
    ),
    unit: "count",
    queries: [value(countBy([], knowledge), "endpoints")],
    steps: [
      { from: undefined, colour: attention },
      { from: 1, colour: neutral },
    ],
    runbook: ["AttainPoolNoEndpoints"],
  }),
  stat({
    title: "Not fresh",
    description: answers(
      "Endpoints whose metrics at least one picker does not have or does not trust.",
      "0.",
      "See their states and the reasons of their failed scrapes below.",
    ),
    unit: "count",
    queries: [value(sumBy([], ltBool(knowledge, 2)), "not fresh")],
    steps: oneOrMore(attention),
    runbook: ["AttainEndpointScrapeStale"],
  }),
  stat({
    title: "Fullest over mean",
    description: answers(
      "Requests in flight of the fullest endpoint over the mean of its pool.",
      "Below 2 under load; large and meaningless with a handful of requests.",
      "High for long: prefixes or adapters gather on one endpoint. See the matrix, and the weights of the scorers.",
    ),
    unit: "times",
    decimals: 1,
    queries: [value(maxBy([], ratio(maxBy(["pool"], inFlight), meanInFlight)), "fullest")],
  }),
  stat({
    title: "Spread of requests",
    description: answers(
      "Coefficient of variation of the requests in flight over the endpoints of a pool; the most uneven pool.",
      "Below 0.5 under load.",
      "High for long while the pool is busy: see Fullest over mean.",
    ),
    unit: "ratio",
    decimals: 0,
    queries: [value(maxBy([], ratio(stddevBy(["pool"], inFlight), meanInFlight)), "spread")],
  }),
  stat({
    title: "Most picked, share",
    description: answers(
      "Share of the pool's requests that went to the most picked endpoint over the time range.",
      "One over the number of endpoints, or somewhat more.",
      "Far more: a few prefixes or one adapter take most of the traffic.",
    ),
    unit: "ratio",
    decimals: 0,
    queries: [value(maxBy([], ratio(maxBy(["pool"], picks(range)), sumBy(["pool"], picks(range)))), "share")],
  }),
  stat({
    title: "Failed scrapes",
    description: answers(
      "Scrapes of model servers over the time range that brought no usable answer.",
      "0, or a few while model servers start.",
      "See which endpoint and why below.",
    ),
    unit: "count",
    decimals: 0,
    queries: [value(sumBy([], increase(failures, range)), "failed")],
    runbook: ["AttainEndpointScrapeStale"],
  }),
];

const work: readonly Panel[] = [
  matrix({
    title: "Requests in flight by endpoint",
    description: answers(
      "Requests that pickers sent to each endpoint and that have not ended; darker is more.",
      "All rows alike.",
      "One dark row: requests gather there or the endpoint is slow. One light row among dark ones: it is not picked, see its state.",
    ),
    unit: "count",
    queries: [value(inFlight, { by: ["endpoint"] })],
  }),
  matrix({
    title: "Picks by endpoint",
    description: answers(
      "Requests per second that pickers sent to each endpoint; darker is more.",
      "All rows alike, or stable preferences where prompts share prefixes.",
      "Dark here and dark in flight: popular. Light here and dark in flight: slow.",
    ),
    unit: "requests/s",
    decimals: 1,
    queries: [value(picks(now), { by: ["endpoint"] })],
  }),
  ...endpointRoomPanels,
  timeline({
    title: "What pickers know",
    description: answers(
      "State of each endpoint as the worst informed picker sees it: fresh, stale (metrics too old) or unknown (never scraped).",
      "Fresh; unknown for seconds while it starts.",
      "Stale: the model server is down, or too busy to answer. Unknown: wrong port or path.",
    ),
    unit: "count",
    queries: [value(knowledge, { by: ["endpoint"] })],
    steps: words,
    runbook: ["AttainEndpointScrapeStale"],
  }),
  graph({
    title: "Imbalance",
    description: answers(
      "Coefficient of variation of requests in flight over the endpoints of each pool.",
      "Below 0.5 under load; high when there is little to do.",
      "Rises with the load: routing gathers requests; lower the weight of the prefix scorer.",
    ),
    unit: "ratio",
    decimals: 0,
    least: 0,
    queries: [value(ratio(stddevBy(["pool"], inFlight), meanInFlight), { by: ["pool"] })],
  }),
];

const detail: readonly Panel[] = [
  stack({
    title: "Picks of the ten busiest",
    description: answers(
      "Requests per second sent to each of the ten endpoints that are picked most, on top of each other.",
      "Layers of equal height.",
      "A layer that vanishes: the endpoint left, or is full. The table has them all.",
    ),
    unit: "requests/s",
    queries: [value(topk(10, picks(now)), { by: ["endpoint"] })],
  }),
  graph({
    title: "Failed scrapes by endpoint",
    description: answers(
      "Failed scrapes per second of each endpoint, by reason.",
      "None.",
      "unreachable: down or another port. timeout: too busy. status, too_large, unrecognized: something else answers there.",
    ),
    unit: "events/s",
    least: 0,
    queries: [value(sumBy(["endpoint", "reason"], rate(failures, now)), { by: ["endpoint", "reason"] })],
    runbook: ["AttainEndpointScrapeStale"],
  }),
  table({
    title: "Every endpoint",
    description: answers(
      "Each endpoint: what pickers know of it, its requests in flight and how many may be, its picks and its share of them, and its failed scrapes over the time range.",
      "All fresh, equal shares, no failures.",
      "An endpoint without picks that is fresh: a filter leaves it out. One that is not fresh: see its failed scrapes.",
    ),
    unit: "count",
    ...tableOf(
      [
        { label: "pool", title: "Pool" },
        { label: "endpoint", title: "Endpoint" },
      ],
      [
        { title: "State", vector: knowledge, unit: "count", steps: words },
        { title: "In flight", vector: inFlight, unit: "count" },
        { title: "Capacity", vector: endpointCapacity, unit: "count", decimals: 0 },
        { title: "Picks", vector: picks(range), unit: "requests/s", decimals: 2 },
        {
          title: "Share",
          vector: div(picks(range), gt(sumBy(["pool"], picks(range)), 0), { on: ["pool"], groupLeft: [] }),
          unit: "ratio",
          decimals: 1,
        },
        {
          title: "Failed scrapes",
          vector: sumBy(perEndpoint, increase(failures, range)),
          unit: "count",
          decimals: 0,
          steps: oneOrMore(attention),
        },
      ],
    ),
  }),
];

/** Does each model server carry its share, and is it known? */
export const endpoints: Dashboard = {
  name: "endpoints",
  uid: "attain-endpoints",
  title: "Attain / Endpoints",
  description: "Every model server: requests, picks, balance, and what pickers know of it.",
  variables: ["pool", "endpoint"],
  from: "now-3h",
  rows: [
    { title: "Balance", isCollapsed: false, panels: [...standing, ...work] },
    { title: "Single endpoints", isCollapsed: true, panels: detail },
  ],
};
