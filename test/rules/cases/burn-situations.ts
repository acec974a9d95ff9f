import type { Check, Input, RuleCase } from "../promtool.ts";
import { counter, minutes, requests, type Traffic } from "../samples.ts";

const fast = "AttainErrorBudgetBurn critical fast";
const slow = "AttainErrorBudgetBurn critical slow";
/** Half an hour of much traffic keeps the share of the 6-hour window low; then an hour of the usual traffic. */
const healthy = [
  [30, 6000, 0],
  [60, 600, 0],
] as const;
const healthyMinutes = 90;
const outageMinutes = 14;
const outage = [outageMinutes, 0, 600] as const;

/** Pages in so many minutes after the healthy time. Step 1 minute. */
const pages = (after: number, firing: readonly string[]): Check => ({
  at: minutes(healthyMinutes + after),
  firing,
  among: "critical",
});

const situation = (name: string, traffic: Traffic, checks: readonly Check[]): RuleCase => ({
  name,
  step: "1m",
  inputs: requests(traffic),
  checks,
});

/** An outage pages after 12 minutes: 9 for the long window to pass 13.44 %, 2.5 of `for`, at the next evaluation. */
const timing: readonly RuleCase[] = [
  situation(
    "a page ends 5 minutes after the short window is below the threshold, though the long one is not",
    [...healthy, outage, [20, 540, 60]],
    [pages(11, []), pages(12, [fast]), pages(outageMinutes + 9, [fast]), pages(outageMinutes + 10, [])],
  ),
  situation(
    "an outage of 4 minutes is silent: the long window has not seen enough",
    [...healthy, [4, 0, 600], [10, 600, 0]],
    [pages(4, []), pages(8, [])],
  ),
  situation(
    "an outage that ends in idleness resolves, and silence follows, also when traffic is back",
    [...healthy, outage, [60, 0, 0], [30, 600, 0]],
    [
      pages(outageMinutes + 4, [fast]),
      pages(outageMinutes + 11, []),
      pages(outageMinutes + 60, []),
      pages(outageMinutes + 65, []),
      pages(outageMinutes + 90, []),
    ],
  ),
];

/** A recorded series of objective chat has this value. */
const recorded = (at: string, name: string, window: string, value: number | undefined): Check => ({
  at,
  expression: `${name}{window="${window}"}`,
  sample: value === undefined ? undefined : { labels: `${name}{pool="p",objective="chat",window="${window}"}`, value },
});

const restarts: readonly RuleCase[] = [
  {
    name: "a restart in an outage does not end it",
    step: "1m",
    inputs: requests([...healthy, [10, 0, 600], [10, 0, 600]], "a", 3),
    checks: [pages(11, []), pages(12, [fast]), pages(20, [fast])],
  },
  {
    name: "a restart in health is silent and loses nothing",
    step: "1m",
    inputs: requests([...healthy, [60, 599, 1]], "a", 2),
    checks: [
      pages(20, []),
      recorded(minutes(healthyMinutes + 60), "objective:attain_requests_judged:increase", "1h", 36_000),
    ],
  },
];

const replicas = (name: string, [met, missed]: readonly [number, number], firing: readonly string[]): RuleCase => ({
  name,
  step: "2m",
  inputs: [...requests([[70, met, 0]], "a"), ...requests([[70, 0, missed]], "b")],
  checks: [{ at: "2h", firing, among: "critical" }],
});

/** Two replicas, one of which misses everything: what counts is its share of all requests. */
const sums: readonly RuleCase[] = [
  replicas("a failing replica with 4 % of the requests is silent", [576, 24], []),
  replicas("a failing replica with 10 % of the requests pages slowly", [540, 60], [slow]),
  replicas("a failing replica with 15 % of the requests pages", [510, 90], [fast, slow]),
  {
    name: "two replicas that miss 8 % each page slowly",
    step: "2m",
    inputs: ["a", "b"].flatMap((instance) => requests([[70, 276, 24]], instance)),
    checks: [{ at: "2h", firing: [slow], among: "critical" }],
  },
];

/** Where every request misses, but there are few: 6 are needed in the long window for a page. Step 2 minutes. */
const lowTraffic: readonly RuleCase[] = [
  {
    name: "the sixth missed request pages",
    step: "2m",
    inputs: requests([
      [30, 0, 0],
      [10, 0, 1],
    ]),
    checks: [
      { at: "74m", firing: [], among: "critical" },
      { at: "76m", firing: [fast], among: "critical" },
    ],
  },
  {
    name: "five missed requests of five are silent",
    step: "2m",
    inputs: requests([
      [30, 0, 0],
      [5, 0, 1],
      [5, 0, 0],
    ]),
    checks: [
      { at: "70m", firing: [], among: "critical" },
      { at: "80m", firing: [], among: "critical" },
    ],
  },
  {
    name: "five missed requests now and five before the hour page no faster than slowly",
    step: "2m",
    inputs: requests([
      [30, 0, 0],
      [5, 0, 1],
      [40, 0, 0],
      [5, 0, 1],
      [2, 0, 0],
    ]),
    checks: [
      { at: "160m", firing: [], among: "critical" },
      { at: "162m", firing: [], among: "critical" },
    ],
  },
];

const ticketGuard: RuleCase = {
  name: "three missed requests of three make no ticket",
  step: "1h",
  inputs: requests([
    [24, 0, 0],
    [3, 0, 1],
    [3, 0, 0],
  ]),
  checks: [
    { at: "27h", firing: [] },
    { at: "29h", firing: [] },
  ],
};
const ticketAtGuard: RuleCase = {
  name: "the fourth missed request makes the tickets",
  step: "1h",
  inputs: requests([
    [24, 0, 0],
    [8, 0, 1],
  ]),
  checks: [
    { at: "28h", firing: [], among: "warning" },
    { at: "29h", firing: ["AttainErrorBudgetBurn warning fast"], among: "warning" },
    {
      at: "31h",
      firing: ["AttainErrorBudgetBurn warning fast", "AttainErrorBudgetBurn warning slow"],
      among: "warning",
    },
  ],
};

const other = (pool: string, objective: string, verdict: string): Input =>
  counter(`attain_objective_requests_total{pool="${pool}",objective="${objective}",verdict="${verdict}"}`, [[72, 100]]);
const judged = "objective:attain_requests_judged:increase";
const missed = "objective:attain_requests_missed:increase";
const ratio = "objective:attain_requests_missed:ratio";
const burnRate = "objective:attain_error_budget:burn_rate";
const remaining = "objective:attain_error_budget:remaining_ratio";

/** Two replicas, each 99 met and 1 missed a minute for an hour, then one request, then none; and others that do not count. */
export const recordingCases: readonly RuleCase[] = [
  {
    name: "what is recorded",
    step: "1m",
    inputs: [
      ...["a", "b"].flatMap((instance) =>
        requests(
          [
            [60, 99, 1],
            [12, 0, 0],
          ],
          instance,
        ),
      ),
      other("p", "chat", "excluded"),
      other("p", "chat", "untargeted"),
      ...["met", "missed"].flatMap((verdict) => [other("p", "batch", verdict), other("q", "chat", verdict)]),
    ],
    checks: [
      recorded("60m", judged, "1h", 12_000),
      recorded("60m", judged, "5m", 1000),
      recorded("60m", missed, "1h", 120),
      recorded("60m", missed, "5m", 10),
      recorded("60m", ratio, "1h", 0.01),
      recorded("60m", ratio, "6h", 0.01),
      recorded("60m", ratio, "28d", 0.01),
      recorded("60m", burnRate, "1h", 1),
      recorded("60m", burnRate, "28d", undefined),
      { at: "60m", expression: remaining, sample: { labels: `${remaining}{pool="p",objective="chat"}`, value: 0 } },
      recorded("70m", judged, "5m", 0),
      recorded("70m", missed, "5m", 0),
      recorded("70m", ratio, "5m", undefined),
      recorded("70m", burnRate, "5m", undefined),
    ],
  },
  {
    name: "what is recorded of one missed request",
    step: "2m",
    inputs: requests([
      [30, 0, 0],
      [1, 0, 1],
      [2, 0, 0],
    ]),
    checks: [
      recorded("62m", judged, "1h", 1),
      recorded("62m", missed, "1h", 1),
      recorded("62m", ratio, "1h", 1),
      recorded("62m", burnRate, "1h", 100),
    ],
  },
  {
    name: "what is recorded where no series of missed requests was made",
    step: "2m",
    inputs: requests([[31, 10, 0]]).slice(0, 1),
    checks: [recorded("60m", missed, "1h", 0), recorded("60m", ratio, "1h", 0)],
  },
];

/** What may happen to an objective of target 0.99. */
export const burnSituations: readonly RuleCase[] = [
  ...lowTraffic,
  ticketGuard,
  ticketAtGuard,
  ...sums,
  ...timing,
  ...restarts,
];
