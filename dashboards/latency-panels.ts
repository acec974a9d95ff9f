import type { Dimension } from "#objective";
import { bucketsOf, increase, sumBy } from "#promql";
import { stateColours } from "./colour.ts";
import { latency, latencyQuantile, threshold } from "./objective-query.ts";
import { answers, graph, heatmap, type Panel } from "./panel.ts";
import { quantileLines } from "./quantile-lines.ts";
import { bound, value } from "./query.ts";

const now = "$__rate_interval";

const about: Readonly<Record<Dimension, { readonly name: string; readonly is: string; readonly act: string }>> = {
  ttft: {
    name: "TTFT",
    is: "Time to first token of streamed answers, waiting in the picker included",
    act: "Compare with Where the time goes: waiting in the picker, or a slow first token of the model server.",
  },
  tpot: {
    name: "TPOT",
    is: "Mean time per output token after the first, of streamed answers",
    act: "Decode is slow: fewer requests at once per endpoint, or more endpoints.",
  },
  e2e: {
    name: "E2E",
    is: "Time from arrival to the end of the answer",
    act: "It grows with the length of answers: compare TTFT and TPOT before blaming the pool.",
  },
};

/** The distribution of a dimension and its quantiles against the threshold; exemplars lead to traces. */
export function latencyPanels(dimension: Dimension): readonly Panel[] {
  const { name, is, act } = about[dimension];
  return [
    heatmap({
      title: `${name} distribution`,
      description: answers(
        `${is}: how many requests fell into each bucket. One bucket ends exactly at the objective's threshold.`,
        "One dense band below the threshold.",
        "A second band is a second kind of request: other prompts, a cold cache, a slow endpoint.",
      ),
      unit: "seconds",
      queries: [
        value(sumBy(["le"], increase(bucketsOf(latency(dimension)), now)), { by: ["le"] }, { hasExemplars: true }),
      ],
    }),
    graph({
      title: `${name} against threshold`,
      description: answers(
        `${is}: quantiles, interpolated inside buckets, with the configured threshold dashed. Verdicts are exact and never taken from here.`,
        "The quantile of the target (p99 for 99 %) stays below the threshold. Absent: no streamed answers, or no threshold.",
        act,
      ),
      unit: "seconds",
      least: 0,
      queries: [
        ...quantileLines((q) => latencyQuantile(dimension, q, now), { hasExemplars: true }),
        bound(threshold(dimension), "threshold", stateColours.bad),
      ],
      runbook: ["AttainErrorBudgetBurn"],
    }),
  ];
}
