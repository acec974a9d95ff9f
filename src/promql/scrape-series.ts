import type { MetricUnit } from "#metrics";

const ownSeries = <const N extends readonly string[]>(name: string, help: string, labels: N) => ({
  type: "gauge" as const,
  name,
  help,
  unit: "none" satisfies MetricUnit,
  labels,
  values: {},
});

/** Series that Prometheus writes itself, about its targets and its alerts. */
export const prometheusSeries = {
  up: ownSeries("up", "1 when the last scrape of the target succeeded.", []),
  alerts: ownSeries("ALERTS", "1 for each alert that is pending or firing.", [
    "alertname",
    "alertstate",
    "severity",
    "pool",
    "objective",
  ]),
};
