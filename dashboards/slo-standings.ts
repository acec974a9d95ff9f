import { objectiveMetrics } from "#metrics";
import {
  and,
  bottomk,
  constantVector,
  countBy,
  gt,
  gte,
  lt,
  or,
  rate,
  ratio,
  sumBy,
  topk,
  unless,
  type Vector,
} from "#promql";
import { stateColours } from "./colour.ts";
import { attainment, budgetRemaining, burnRate, endedIn, endedRate, refusedIn, target } from "./objective-query.ts";
import { answers, stat, type StatPanel } from "./panel.ts";
import { value } from "./query.ts";
import { ofObjective, scoped } from "./scope.ts";
import { budgetSteps, oneOrMore, spendSteps } from "./steps.ts";

const { good, warning, bad } = stateColours;
const range = "$__range";
const now = "$__rate_interval";

const holds = gte(attainment(range), target());
const burns = gt(burnRate("1h"), 1);
const counted = <L extends string>(vector: Vector<L>) => or(countBy([], vector), constantVector(0));

/** How many objectives stand how, and the worst of them. */
export const standings: readonly StatPanel[] = [
  stat({
    title: "Met",
    description: answers(
      "Objectives at or above their target over the time range that do not spend their budget too fast now.",
      "Every objective with traffic.",
      "Look at the next two counts, then at the table.",
    ),
    unit: "count",
    width: 3,
    queries: [value(counted(unless(holds, burns)), "met")],
    steps: oneOrMore(good),
  }),
  stat({
    title: "At risk",
    description: answers(
      "Objectives at or above their target over the time range that missed more in the last hour than their budget allows.",
      "0.",
      "Find it in the table by its burn rate and open its detail.",
    ),
    unit: "count",
    width: 3,
    queries: [value(counted(and(holds, burns)), "at risk")],
    steps: oneOrMore(warning),
    runbook: ["AttainErrorBudgetBurn"],
  }),
  stat({
    title: "Violated",
    description: answers(
      "Objectives below their target over the time range.",
      "0.",
      "Open the detail of the objective: the reasons of its misses say where to look.",
    ),
    unit: "count",
    width: 3,
    queries: [value(counted(lt(attainment(range), target())), "violated")],
    steps: oneOrMore(bad),
    runbook: ["AttainErrorBudgetBurn"],
  }),
  stat({
    title: "Least budget left",
    description: answers(
      "The objective with the least error budget left of its period. Needs the recording rules.",
      "Above 25 %; it falls slowly and comes back as the period moves on.",
      "Below 0 the objective is missed for the period: stop risky changes and find what spent the budget.",
    ),
    unit: "ratio",
    decimals: 1,
    width: 3,
    queries: [value(bottomk(1, budgetRemaining()), { by: ["objective"] })],
    steps: budgetSteps,
    showsName: true,
    runbook: ["AttainErrorBudgetExhausted"],
  }),
  stat({
    title: "Fastest burn, 1 h",
    description: answers(
      "The objective that spent its budget fastest in the last hour; 1 spends it exactly over its period.",
      "Below 1.",
      "Above 1 for long: open the detail. Far above 6 somebody is paged.",
    ),
    unit: "times",
    decimals: 2,
    width: 3,
    queries: [value(topk(1, burnRate("1h")), { by: ["objective"] })],
    steps: spendSteps,
    showsName: true,
    runbook: ["AttainErrorBudgetBurn"],
  }),
  stat({
    title: "Goodput",
    description: answers(
      "Requests per second that met their objective.",
      "Follows the load.",
      "When it falls and the load does not, requests miss: see the reasons below.",
    ),
    unit: "requests/s",
    decimals: 1,
    width: 3,
    queries: [value(sumBy([], endedRate(now, "met")), "goodput")],
  }),
  stat({
    title: "Goodput in tokens",
    description: answers(
      "Output tokens per second of requests that met their objective.",
      "Follows the load; long answers weigh more than short ones.",
      "Compare it with all output tokens on the Pool dashboard: the rest was work for requests that missed.",
    ),
    unit: "tokens/s",
    decimals: 0,
    width: 3,
    queries: [
      value(
        sumBy([], rate(scoped(objectiveMetrics.outputTokensTotal, { ...ofObjective, verdict: "met" }), now)),
        "goodput",
      ),
    ],
  }),
  stat({
    title: "Refused share",
    description: answers(
      "Share of judged requests over the time range that the picker refused: shed, queue full, expired, no endpoint.",
      "0; under overload only classes of low priority are refused.",
      "Open the Flow control dashboard: which class, which reason, is the pool saturated?",
    ),
    unit: "ratio",
    decimals: 2,
    width: 3,
    queries: [value(ratio(sumBy([], refusedIn(range)), sumBy([], endedIn(range))), "refused")],
    runbook: ["AttainSheddingHigh"],
  }),
];
