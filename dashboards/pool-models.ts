import { requestMetrics } from "#metrics";
import { countOf, gte, increase, quantile, rate, ratio, sumBy } from "#promql";
import { latencyQuantile, threshold } from "./objective-query.ts";
import { answers, graph, table } from "./panel.ts";
import { bound, tableOf, value } from "./query.ts";
import { ofObjective, ofPool, scoped } from "./scope.ts";

const range = "$__range";
const now = "$__rate_interval";

/** Latencies at the chosen quantile against their thresholds. */
export const latencies = (
  [
    ["ttft", "TTFT by objective", "Prefill or queues are slow: compare with saturation."],
    ["tpot", "TPOT by objective", "Batches are too large: compare with requests for each endpoint."],
    ["e2e", "E2E by objective", "It grows with the length of answers: compare TTFT and TPOT first."],
  ] as const
).map(([dimension, title, act]) =>
  graph({
    title,
    description: answers(
      `${title.split(" ")[0]} at the chosen quantile, by objective, with thresholds dashed.`,
      "Each line below its own threshold.",
      `${act} One objective alone: open its detail.`,
    ),
    unit: "seconds",
    width: 8,
    least: 0,
    queries: [
      value(latencyQuantile(dimension, "$quantile", now), { by: ["objective"] }, { hasExemplars: dimension !== "e2e" }),
      bound(threshold(dimension), { by: ["objective"], text: "threshold" }),
    ],
    runbook: ["AttainErrorBudgetBurn"],
  }),
);

const tokensOf = (direction: "input" | "output") => scoped(requestMetrics.tokensTotal, { ...ofPool, direction });
const byModel = ["pool", "model"] as const;
const ended = countOf(scoped(requestMetrics.durationSeconds, ofObjective));
/** Every model of the pool. */
export const models = table({
  title: "Models",
  description: answers(
    "Each model over the time range: traffic, latencies at the chosen quantile, output, and the share of requests whose model server failed.",
    "No failures; latencies of equal models are alike.",
    "A model called other is one that nobody configured or serves: clients misspell it.",
  ),
  unit: "requests/s",
  ...tableOf(
    [
      { label: "pool", title: "Pool" },
      { label: "model", title: "Model" },
    ],
    [
      { title: "Requests", vector: sumBy(byModel, rate(ended, range)), unit: "requests/s", decimals: 2 },
      ...(
        [
          ["TTFT", requestMetrics.ttftSeconds],
          ["TPOT", requestMetrics.tpotSeconds],
          ["E2E", requestMetrics.durationSeconds],
        ] as const
      ).map(([title, spec]) => ({
        title,
        vector: gte(quantile("$quantile", scoped(spec, ofObjective), { window: range, by: byModel }), 0),
        unit: "seconds" as const,
      })),
      { title: "Input", vector: sumBy(byModel, rate(tokensOf("input"), range)), unit: "tokens/s", decimals: 0 },
      { title: "Output", vector: sumBy(byModel, rate(tokensOf("output"), range)), unit: "tokens/s", decimals: 0 },
      {
        title: "Failed",
        vector: ratio(
          sumBy(byModel, increase(scoped(requestMetrics.upstreamErrorsTotal, ofObjective), range)),
          sumBy(byModel, increase(ended, range)),
        ),
        unit: "ratio",
        decimals: 2,
      },
    ],
  ),
});
