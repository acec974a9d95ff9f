import type { Input, RuleCase } from "../promtool.ts";
import { counter, gauge, type Phase } from "../samples.ts";

const step = "30s";
const arrivals = (phases: readonly Phase[], instance = "a"): Input =>
  counter(
    `attain_objective_requests_total{pool="p",objective="none",verdict="untargeted",instance="${instance}"}`,
    phases,
  );
const endpoints = (state: "fresh" | "stale" | "unknown", phases: readonly Phase[], instance = "a"): Input =>
  gauge(`attain_pool_endpoints{pool="p",state="${state}",instance="${instance}"}`, phases);

const noEndpoints = "AttainPoolNoEndpoints critical";

/** The last endpoint goes after 10 minutes and comes back after 15. */
export const noEndpointsCases: readonly RuleCase[] = [
  {
    name: "requests and no endpoint",
    step,
    inputs: [
      arrivals([[60, 10]]),
      endpoints("fresh", [
        [20, 2],
        [10, 0],
        [30, 1],
      ]),
      endpoints("stale", [
        [20, 1],
        [10, 0],
        [30, 0],
      ]),
      endpoints("unknown", [[60, 0]]),
    ],
    checks: [
      { at: "11m30s", firing: [] },
      { at: "12m", firing: [noEndpoints] },
      { at: "19m30s", firing: [noEndpoints] },
      { at: "20m", firing: [] },
    ],
  },
  {
    name: "endpoints that go a minute after the last request",
    step,
    inputs: [
      arrivals([
        [20, 10],
        [40, 0],
      ]),
      endpoints("fresh", [
        [22, 1],
        [38, 0],
      ]),
    ],
    checks: [
      { at: "13m", firing: [] },
      { at: "13m30s", firing: [] },
      { at: "30m", firing: [] },
    ],
  },
  {
    name: "no endpoint and a request every 90 seconds",
    step,
    inputs: [
      arrivals(
        Array.from({ length: 12 }, (): Phase[] => [
          [1, 1],
          [2, 0],
        ]).flat(),
      ),
      endpoints("fresh", [[36, 0]]),
    ],
    checks: [{ at: "17m", firing: [noEndpoints] }],
  },
  {
    name: "one picker that knows endpoints",
    step,
    inputs: [
      arrivals([[40, 10]]),
      arrivals([[40, 10]], "b"),
      endpoints("fresh", [[40, 0]]),
      endpoints("fresh", [[40, 1]], "b"),
    ],
    checks: [{ at: "20m", firing: [] }],
  },
  {
    name: "endpoints that are only stale",
    step,
    inputs: [arrivals([[40, 10]]), endpoints("fresh", [[40, 0]]), endpoints("stale", [[40, 1]])],
    checks: [{ at: "20m", firing: [] }],
  },
  {
    name: "an empty pool for one scrape",
    step,
    inputs: [
      arrivals([[40, 10]]),
      endpoints("fresh", [
        [20, 1],
        [1, 0],
        [1, 1],
        [1, 0],
        [17, 1],
      ]),
    ],
    checks: [
      { at: "11m30s", firing: [] },
      { at: "12m", firing: [] },
    ],
  },
];

const stale = "AttainEndpointScrapeStale warning";
const states = (fresh: number, old: number, unknown: number, instance: string): readonly Input[] => [
  endpoints(
    "fresh",
    [
      [4, 10],
      [30, fresh],
    ],
    instance,
  ),
  endpoints(
    "stale",
    [
      [4, 0],
      [30, old],
    ],
    instance,
  ),
  endpoints(
    "unknown",
    [
      [4, 0],
      [30, unknown],
    ],
    instance,
  ),
];

export const staleCases: readonly RuleCase[] = [
  {
    name: "three of ten, at one picker of two",
    step,
    inputs: [...states(7, 1, 2, "a"), ...states(10, 0, 0, "b")],
    checks: [
      { at: "8m30s", firing: [] },
      { at: "9m", firing: [stale] },
    ],
  },
  { name: "two of ten", step, inputs: states(8, 1, 1, "a"), checks: [{ at: "15m", firing: [] }] },
  {
    name: "endpoints that are stale now and then",
    step,
    inputs: [gaugeOf("fresh", "7 7 10 7 ".repeat(10)), gaugeOf("stale", "3 3 0 3 ".repeat(10))],
    checks: [{ at: "15m", firing: [] }],
  },
  {
    name: "the only endpoint, while two scrapes in a row fail now and then",
    step,
    inputs: [
      gaugeOf("fresh", "0 0 0 0 0 0 0 stale _ _ ".repeat(2)),
      gaugeOf("stale", "1 1 1 1 1 1 1 stale _ _ ".repeat(2)),
    ],
    checks: [{ at: "7m", firing: [stale] }],
  },
  {
    name: "an empty pool",
    step,
    inputs: [endpoints("fresh", [[30, 0]]), endpoints("stale", [[30, 0]])],
    checks: [{ at: "15m", firing: [] }],
  },
];

function gaugeOf(state: string, values: string): Input {
  return { series: `attain_pool_endpoints{pool="p",state="${state}",instance="a"}`, values: values.trim() };
}

const unknown = "AttainUnknownObjective info";
const unknownRequests = (count: number, instance = "a"): Input =>
  counter(`attain_unknown_objective_requests_total{pool="p",instance="${instance}"}`, [
    [60, 0],
    [1, count],
    [80, 0],
  ]);

export const unknownObjectiveCases: readonly RuleCase[] = [
  {
    name: "four requests to two pickers",
    step: "1m",
    inputs: [unknownRequests(2), unknownRequests(2, "b")],
    checks: [
      { at: "65m", firing: [] },
      { at: "66m", firing: [unknown] },
      { at: "110m", firing: [unknown] },
      { at: "125m", firing: [] },
    ],
  },
  { name: "three requests", step: "1m", inputs: [unknownRequests(3)], checks: [{ at: "80m", firing: [] }] },
];
