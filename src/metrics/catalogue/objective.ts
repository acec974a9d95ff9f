import { dimensions, missReasons, verdicts } from "#objective";
import { defineCounter, defineGauge } from "../spec.ts";

const stable = { stability: "stable", owner: "picker" } as const;
const judged = ["met", "missed"] as const;

/** Verdicts and targets of each InferenceObjective. Source: docs/attainment.md. */
export const objectiveMetrics = {
  requestsTotal: defineCounter({
    ...stable,
    name: "attain_objective_requests_total",
    unit: "none",
    help: "Requests that ended, each with its one verdict.",
    labels: ["pool", "objective", "verdict"],
    values: { verdict: verdicts },
  }),
  dimensionTotal: defineCounter({
    ...stable,
    name: "attain_objective_dimension_total",
    unit: "none",
    help: "Verdicts of single latency dimensions, counted where the dimension has a threshold and was settled.",
    labels: ["pool", "objective", "dimension", "verdict"],
    values: { dimension: dimensions, verdict: judged },
  }),
  missedTotal: defineCounter({
    ...stable,
    name: "attain_objective_missed_total",
    unit: "none",
    help: "Requests that missed their objective, each with the first reason that applies.",
    labels: ["pool", "objective", "reason"],
    values: { reason: missReasons },
  }),
  outputTokensTotal: defineCounter({
    ...stable,
    name: "attain_objective_output_tokens_total",
    unit: "tokens",
    help: "Output tokens of ended requests by their verdict; those of met requests are the goodput.",
    labels: ["pool", "objective", "verdict"],
    values: { verdict: verdicts },
  }),
  info: defineGauge({
    ...stable,
    name: "attain_objective_info",
    unit: "none",
    help: "A configured objective and its priority, always 1.",
    labels: ["pool", "objective", "priority"],
  }),
  targetRatio: defineGauge({
    ...stable,
    name: "attain_objective_target_ratio",
    unit: "ratio",
    help: "Share of judged requests that must meet the objective.",
    labels: ["pool", "objective"],
  }),
  thresholdSeconds: defineGauge({
    ...stable,
    name: "attain_objective_threshold_seconds",
    unit: "seconds",
    help: "Configured upper bound of a latency dimension, inclusive.",
    labels: ["pool", "objective", "dimension"],
    values: { dimension: dimensions },
  }),
};
