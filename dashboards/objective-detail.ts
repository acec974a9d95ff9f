import { objectiveMetrics, requestMetrics } from "#metrics";
import { dimensions, type Dimension } from "#objective";
import { increase, rate, ratio, sumBy } from "#promql";
import { dimensionColours, reasonColours, verdictColours } from "./colour.ts";
import { latencyPanels } from "./latency-panels.ts";
import { causePanels } from "./objective-causes.ts";
import { attainment, budgetRemaining, burnRate, endedIn, target } from "./objective-query.ts";
import { answers, graph, stack, stat, type Dashboard, type Panel } from "./panel.ts";
import { bound, value } from "./query.ts";
import { ofObjective, perObjective, scoped } from "./scope.ts";
import { budgetSteps, spendSteps } from "./steps.ts";

const range = "$__range";
const now = "$__rate_interval";

const standing: readonly Panel[] = [
  stat({
    title: "Attained",
    description: answers(
      "Met requests as a share of judged ones over the time range.",
      "At or above the target beside it.",
      "Read the reasons of the misses below.",
    ),
    unit: "ratio",
    decimals: 2,
    queries: [value(attainment(range), { by: ["objective"] })],
    runbook: ["AttainErrorBudgetBurn"],
  }),
  stat({
    title: "Target",
    description: answers(
      "The share of judged requests that must meet the objective, as its service level says.",
      "Changes only when somebody changes it.",
      "Absent: the objective promises nothing; give it an InferenceSLO.",
    ),
    unit: "ratio",
    decimals: 2,
    queries: [value(target(), { by: ["objective"] })],
    runbook: ["AttainObjectiveMetricsAbsent"],
  }),
  stat({
    title: "Budget left",
    description: answers(
      "What is left of the error budget of the period. Needs the recording rules.",
      "Above 25 %.",
      "Below 0 the objective is missed for this period: stop risky changes.",
    ),
    unit: "ratio",
    decimals: 1,
    queries: [value(budgetRemaining(), { by: ["objective"] })],
    steps: budgetSteps,
    runbook: ["AttainErrorBudgetExhausted"],
  }),
  stat({
    title: "Burn, 1 h",
    description: answers(
      "Missed share of the last hour over the error budget; 1 spends the budget exactly over the period.",
      "Below 1.",
      "Compare the windows under Causes: a short one far above a long one is a fresh incident.",
    ),
    unit: "times",
    decimals: 2,
    queries: [value(burnRate("1h"), { by: ["objective"] })],
    steps: spendSteps,
    runbook: ["AttainErrorBudgetBurn"],
  }),
  stat({
    title: "Judged",
    description: answers(
      "Requests over the time range that met or missed the objective.",
      "Follows the traffic.",
      "0 with traffic: clients do not name the objective, or their requests are excluded or untargeted.",
    ),
    unit: "count",
    queries: [value(endedIn(range), { by: ["objective"] })],
    runbook: ["AttainObjectiveNoTraffic"],
  }),
  stat({
    title: "In flight",
    description: answers(
      "Requests that arrived and have not ended, waiting ones included.",
      "Follows the traffic times the duration of a request.",
      "Growing at steady traffic: requests wait. See where the time goes.",
    ),
    unit: "count",
    queries: [value(sumBy(perObjective, scoped(requestMetrics.inFlight, ofObjective)), { by: ["objective"] })],
  }),
];

const dimensionShare = (dimension: Dimension) => {
  const settled = (verdict: "met" | readonly ["met", "missed"]) =>
    sumBy(
      ["dimension"],
      increase(scoped(objectiveMetrics.dimensionTotal, { ...ofObjective, dimension, verdict }), now),
    );
  return ratio(settled("met"), settled(["met", "missed"]));
};

const verdictPanels: readonly Panel[] = [
  stack({
    title: "Verdicts",
    description: answers(
      "Ended requests per second by verdict. Excluded: refused as invalid, left by the client, or shed where sheds are excluded. Untargeted: no target applied.",
      "Green, with little excluded or untargeted.",
      "Much untargeted: a TTFT target on answers that are not streamed; add an E2E target. Much excluded: clients give up or send broken requests.",
    ),
    unit: "requests/s",
    width: 8,
    queries: [
      value(sumBy(["verdict"], rate(scoped(objectiveMetrics.requestsTotal, ofObjective), now)), { by: ["verdict"] }),
    ],
    colours: verdictColours,
  }),
  stack({
    title: "Why requests missed",
    description: answers(
      "Missed requests per second, each with the first reason that applies.",
      "Nothing, or a thin line of ttft and tpot.",
      "ttft: see the queue and the prompts. tpot: model servers batch too much. upstream_error: see Upstream errors. Refusals: open Flow control.",
    ),
    unit: "requests/s",
    width: 8,
    queries: [
      value(sumBy(["reason"], rate(scoped(objectiveMetrics.missedTotal, ofObjective), now)), { by: ["reason"] }),
    ],
    colours: reasonColours,
    runbook: ["AttainErrorBudgetBurn", "AttainSheddingHigh"],
  }),
  graph({
    title: "Attainment by dimension",
    description: answers(
      "Share of settled verdicts that were met, for each latency with a threshold; the objective's target dashed. A request can miss in several.",
      "All at or above the target.",
      "The lowest line names the dimension to work on.",
    ),
    unit: "ratio",
    decimals: 2,
    most: 1,
    width: 8,
    queries: [
      ...dimensions.map((dimension) => value(dimensionShare(dimension), { by: ["dimension"] })),
      bound(target(), "target"),
    ],
    colours: dimensionColours,
    runbook: ["AttainErrorBudgetBurn"],
  }),
];

/** Why one objective is or is not met. */
export const objectiveDetail: Dashboard = {
  name: "objective-detail",
  uid: "attain-objective-detail",
  title: "Attain / Objective detail",
  description:
    "One InferenceObjective: its standing, its misses and their reasons, its latencies against its thresholds.",
  variables: ["pool", "objective"],
  from: "now-6h",
  rows: [
    { title: "$objective", isCollapsed: false, repeats: "objective", panels: [...standing, ...verdictPanels] },
    {
      title: "Latency of $objective",
      isCollapsed: true,
      repeats: "objective",
      panels: dimensions.flatMap(latencyPanels),
    },
    { title: "Causes of $objective", isCollapsed: true, repeats: "objective", panels: causePanels },
  ],
};
