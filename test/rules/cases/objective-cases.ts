import type { RuleCase } from "../promtool.ts";
import { counter, requests } from "../samples.ts";

const exhausted = "AttainErrorBudgetExhausted warning";

/** Target 0.99: the budget is 1 %. `for` is 1 h, from the second sample on. */
export const exhaustedCases: readonly RuleCase[] = [
  {
    name: "a budget that is just overspent",
    step: "30m",
    inputs: requests([[6, 9895, 105]]),
    checks: [
      { at: "1h", firing: [] },
      { at: "1h30m", firing: [exhausted] },
    ],
  },
  {
    name: "a budget that is nearly spent",
    step: "30m",
    inputs: requests([[6, 9905, 95]]),
    checks: [{ at: "3h", firing: [] }],
  },
  {
    name: "three missed requests, however few there were",
    step: "30m",
    inputs: requests([[6, 0, 0.5]]),
    checks: [{ at: "3h", firing: [] }],
  },
  {
    name: "four missed requests, though days ago",
    step: "1h",
    inputs: requests([
      [4, 0, 1],
      [96, 0, 0],
    ]),
    checks: [
      { at: "4h", firing: [] },
      { at: "5h", firing: [exhausted] },
      { at: "100h", firing: [exhausted] },
    ],
  },
];

const noTraffic = "AttainObjectiveNoTraffic info";

export const noTrafficCases: readonly RuleCase[] = [
  {
    name: "an hour without a request after traffic",
    step: "1m",
    inputs: [
      ...requests([
        [60, 9, 1],
        [66, 0, 0],
        [5, 1, 0],
      ]),
      ...requests(
        [
          [60, 0, 0],
          [66, 0, 0],
          [5, 0, 0],
        ],
        "b",
      ),
    ],
    checks: [
      { at: "50m", firing: [] },
      { at: "124m", firing: [] },
      { at: "125m", firing: [noTraffic] },
      { at: "130m", firing: [] },
    ],
  },
  {
    name: "one request within the week, and none",
    step: "30m",
    inputs: requests([
      [1, 1, 0],
      [343, 0, 0],
    ]),
    checks: [
      { at: "165h", firing: [noTraffic] },
      { at: "171h", firing: [] },
    ],
  },
  {
    name: "an objective that never had traffic",
    step: "10m",
    inputs: requests([[30, 0, 0]]),
    checks: [{ at: "5h", firing: [] }],
  },
  {
    name: "traffic of one replica is enough",
    step: "1m",
    inputs: [
      ...requests([
        [60, 9, 1],
        [70, 0, 0],
      ]),
      ...requests([[130, 1, 0]], "b"),
    ],
    checks: [{ at: "130m", firing: [] }],
  },
];

const absent = "AttainObjectiveMetricsAbsent critical";

/** Prometheus looks back 5 minutes for a sample; `for` is 11 minutes at target 0.99. */
export const absentCases: readonly RuleCase[] = [
  {
    name: "series that vanish and come back",
    step: "1m",
    inputs: [
      counter('attain_objective_requests_total{pool="p",objective="chat",verdict="met"}', [
        [10, 600],
        [30, undefined],
        [20, 600],
      ]),
      counter('attain_objective_requests_total{pool="p",objective="batch",verdict="met"}', [[60, 600]]),
      counter('attain_objective_requests_total{pool="q",objective="chat",verdict="met"}', [[60, 600]]),
    ],
    checks: [
      { at: "26m", firing: [] },
      { at: "27m", firing: [absent] },
      { at: "45m", firing: [absent] },
      { at: "46m", firing: [] },
    ],
  },
  {
    name: "one of two replicas that goes",
    step: "1m",
    inputs: [
      ...requests([
        [10, 600, 0],
        [40, undefined as never, 0],
      ]).slice(0, 1),
      ...requests([[50, 1, 0]], "b"),
    ],
    checks: [{ at: "50m", firing: [] }],
  },
];
