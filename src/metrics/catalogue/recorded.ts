import { defineRecorded, type RecordedSpec } from "./recorded-spec.ts";

/** Every alert's name starts with this word, so that one expression finds them all. */
export const alertNamePrefix = "Attain";

/**
 * What the recording rules write, summed over all replicas of the picker. `window` is the length of the range in
 * Prometheus's notation: those of the burn-rate alerts of the objective, and the period of its service level.
 * Source: docs/alerts.md.
 */
export const recordedSeries = {
  missedIncrease: defineRecorded({
    name: "objective:attain_requests_missed:increase",
    unit: "none",
    help: "Requests that missed the objective in the window.",
    labels: ["pool", "objective", "window"],
  }),
  judgedIncrease: defineRecorded({
    name: "objective:attain_requests_judged:increase",
    unit: "none",
    help: "Requests that met or missed the objective in the window.",
    labels: ["pool", "objective", "window"],
  }),
  missedRatio: defineRecorded({
    name: "objective:attain_requests_missed:ratio",
    unit: "ratio",
    help: "Missed requests as a share of judged ones; absent where nothing was judged in the window.",
    labels: ["pool", "objective", "window"],
  }),
  burnRate: defineRecorded({
    name: "objective:attain_error_budget:burn_rate",
    unit: "none",
    help: "Share of missed requests over the error budget, in the windows of the alerts: 1 spends it exactly over the period.",
    labels: ["pool", "objective", "window"],
  }),
  budgetRemaining: defineRecorded({
    name: "objective:attain_error_budget:remaining_ratio",
    unit: "ratio",
    help: "Share of the error budget of the period that is left; negative when overspent.",
    labels: ["pool", "objective"],
  }),
};

/** Every recorded series. */
export const allRecorded: readonly RecordedSpec[] = Object.values(recordedSeries);
