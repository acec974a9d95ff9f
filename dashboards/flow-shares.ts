/** Who gets the pool, and what enforcing would change. */
import { flowMetrics } from "#metrics";
import { div, gt, rate, ratio, sumBy } from "#promql";
import { answers, graph, stack } from "./panel.ts";
import { value } from "./query.ts";
import { ofObjective, scoped } from "./scope.ts";

const now = "$__rate_interval";
const perObjective = ["objective"] as const;

const tokens = sumBy(perObjective, rate(scoped(flowMetrics.dispatchedTokensTotal, ofObjective), now));

export const fairnessPanel = stack({
  title: "Share of the dispatched tokens",
  description: answers(
    "Tokens of dispatched requests (prompt and expected answer) of each objective, as a share of all.",
    "Follows the load while there is room; under overload high priorities first, then by weight.",
    "One objective takes what others wait for: give it a lower priority or a smaller weight. A sheddable one at 0: see queue.minShare.",
  ),
  unit: "ratio",
  decimals: 0,
  most: 1,
  queries: [
    value(
      div(tokens, gt(sumBy([], rate(scoped(flowMetrics.dispatchedTokensTotal, ofObjective), now)), 0), {
        on: [],
        groupLeft: [],
      }),
      {
        by: ["objective"],
      },
    ),
  ],
  runbook: ["AttainImportantRefused"],
});

const wouldRefuse = scoped(flowMetrics.wouldOutcomesTotal, {
  ...ofObjective,
  outcome: { not: ["dispatched", "client_gone"] },
});
const wouldMiss = scoped(flowMetrics.wouldTtftTotal, { ...ofObjective, verdict: "missed" });
const all = sumBy(perObjective, rate(scoped(flowMetrics.outcomesTotal, ofObjective), now));

export const observePanel = graph({
  title: "Observe-only: what enforcing would do",
  description: answers(
    "Requests that would have been refused, and those whose first token would have been late, as a share of all of the objective; 0 where flow control enforces.",
    "Refused: sheddable objectives only. Late: below what the target allows.",
    "Important objectives would be refused: raise their priority or limits before you enforce. Little of either: `mode: enforce` is safe.",
  ),
  unit: "ratio",
  decimals: 1,
  least: 0,
  queries: [
    value(ratio(sumBy(perObjective, rate(wouldRefuse, now)), all), { by: ["objective"], text: "refused" }),
    value(ratio(sumBy(perObjective, rate(wouldMiss, now)), all), { by: ["objective"], text: "late" }),
  ],
});
