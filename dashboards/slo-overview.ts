import { objectiveMetrics } from "#metrics";
import { and, rate, sub, sumBy } from "#promql";
import type { Dimension } from "#objective";
import { reasonColours, stateColours, verdictColours } from "./colour.ts";
import {
  attainment,
  budgetRemaining,
  burnRate,
  endedRate,
  firingAlerts,
  latencyQuantile,
  target,
  threshold,
} from "./objective-query.ts";
import { answers, graph, stack, table, timeline, type Dashboard } from "./panel.ts";
import { bound, tableOf, value } from "./query.ts";
import { ofObjective, scoped } from "./scope.ts";
import { standings } from "./slo-standings.ts";
import { budgetSteps, marginSteps, oneOrMore, spendSteps, spendWords } from "./steps.ts";

const range = "$__range";
const now = "$__rate_interval";

/** Of objectives that promise something: others have no row. */
const measured = (dimension: Dimension) => and(latencyQuantile(dimension, "$quantile", range), target());

const everyObjective = table({
  title: "Objectives",
  description: answers(
    "Each objective with traffic: its target, what it attained over the time range and the last hour, what is left of its error budget, and its latencies beside their thresholds at the chosen quantile.",
    "Margins are positive, burn rates below 1, latencies below their thresholds, no alert fires.",
    "Open the objective with the lowest margin or the fastest burn: its name leads to its detail.",
  ),
  unit: "ratio",
  ...tableOf(
    [
      { label: "pool", title: "Pool" },
      { label: "objective", title: "Objective", leadsTo: { uid: "attain-objective-detail" } },
    ],
    [
      { title: "Target", vector: target(), unit: "ratio", decimals: 2 },
      { title: "Attained", vector: attainment(range), unit: "ratio", decimals: 2 },
      { title: "Margin", vector: sub(attainment(range), target()), unit: "ratio", decimals: 2, steps: marginSteps },
      { title: "Attained, 1 h", vector: attainment("1h"), unit: "ratio", decimals: 2 },
      { title: "Budget left", vector: budgetRemaining(), unit: "ratio", decimals: 1, steps: budgetSteps },
      { title: "Burn, 1 h", vector: burnRate("1h"), unit: "times", decimals: 2, steps: spendSteps },
      { title: "Judged", vector: and(endedRate(range), target()), unit: "requests/s", decimals: 1 },
      { title: "TTFT", vector: measured("ttft"), unit: "seconds" },
      { title: "TTFT ≤", vector: threshold("ttft"), unit: "seconds" },
      { title: "TPOT", vector: measured("tpot"), unit: "seconds" },
      { title: "TPOT ≤", vector: threshold("tpot"), unit: "seconds" },
      { title: "E2E", vector: measured("e2e"), unit: "seconds" },
      { title: "E2E ≤", vector: threshold("e2e"), unit: "seconds" },
      { title: "Alerts", vector: firingAlerts(), unit: "count", steps: oneOrMore(stateColours.bad) },
    ],
  ),
});

const history = [
  graph({
    title: "Attainment",
    description: answers(
      "Met requests as a share of judged ones, for each objective, with its target dashed. A gap means that nothing was judged.",
      "At or above the target, with short dips.",
      "A dip of one objective: open its detail. A dip of all: open the Pool dashboard.",
    ),
    unit: "ratio",
    decimals: 2,
    most: 1,
    queries: [value(attainment(now), { by: ["objective"] }), bound(target(), { by: ["objective"], text: "target" })],
    runbook: ["AttainErrorBudgetBurn"],
  }),
  timeline({
    title: "Budget spend",
    description: answers(
      "How fast each objective spent its error budget over the last 5 minutes: within budget (burn rate below 1), too fast, or burning (6 and more).",
      "Within budget, with short excursions under load.",
      "A long stretch of another colour: open the detail at that time.",
    ),
    unit: "times",
    queries: [value(burnRate("5m"), { by: ["objective"] })],
    steps: spendWords,
    runbook: ["AttainErrorBudgetBurn"],
  }),
  graph({
    title: "Error budget left",
    description: answers(
      "What is left of each objective's error budget of its period; below 0 it is overspent. Needs the recording rules.",
      "Falls slowly and recovers as old misses leave the period.",
      "A steep fall is an incident: read the reasons of the misses at that time. A slow fall to 0: the target or the capacity is wrong.",
    ),
    unit: "ratio",
    decimals: 1,
    most: 1,
    queries: [value(budgetRemaining(), { by: ["objective"] })],
    runbook: ["AttainErrorBudgetExhausted"],
  }),
  stack({
    title: "Goodput against load",
    description: answers(
      "Judged requests per second by verdict: the green part is goodput, the whole is the load.",
      "Green.",
      "Red that grows with the load means too little capacity: open the Pool dashboard. Red at steady load: see the reasons.",
    ),
    unit: "requests/s",
    queries: [
      value(
        sumBy(
          ["verdict"],
          rate(scoped(objectiveMetrics.requestsTotal, { ...ofObjective, verdict: ["met", "missed"] }), now),
        ),
        {
          by: ["verdict"],
        },
      ),
    ],
    colours: verdictColours,
  }),
  stack({
    title: "Why requests missed",
    description: answers(
      "Missed requests per second, each with the first reason that applies.",
      "Nothing, or a thin line of ttft and tpot.",
      "ttft: queueing or long prompts. tpot: batches too large. shed, queue_full, ttl_expired: overload. upstream_error: model servers fail.",
    ),
    unit: "requests/s",
    width: 24,
    queries: [
      value(sumBy(["reason"], rate(scoped(objectiveMetrics.missedTotal, ofObjective), now)), { by: ["reason"] }),
    ],
    colours: reasonColours,
    runbook: ["AttainErrorBudgetBurn", "AttainSheddingHigh"],
  }),
];

/** Are the objectives met, and which one needs somebody? */
export const sloOverview: Dashboard = {
  name: "slo-overview",
  uid: "attain-slo-overview",
  title: "Attain / SLO overview",
  description: "Whether each InferenceObjective is met, what is left of its error budget, and why requests missed.",
  variables: ["pool", "objective", "quantile"],
  from: "now-6h",
  rows: [
    { title: "Now", isCollapsed: false, panels: [...standings, everyObjective] },
    { title: "Over time", isCollapsed: false, panels: history },
  ],
};
