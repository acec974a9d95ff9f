import { pickerMetrics, processMetrics } from "#metrics";
import {
  absent,
  avgBy,
  gt,
  increase,
  lt,
  lte,
  maxBy,
  maxOverTime,
  minOverTime,
  or,
  prometheusSeries,
  quantile,
  series,
  sub,
  sumBy,
  time,
} from "#promql";
import type { Milliseconds, Ratio, Seconds } from "#units";
import type { AlertOptions } from "./options.ts";
import type { AlertRule } from "./rule.ts";

const minute: Milliseconds = 60_000;
const downShare: Ratio = 0.5;
const longestLoopDelay: Seconds = 0.05;
const longestDecision: Seconds = 0.01;

function downAlert({ job, scrapeIntervalMs }: AlertOptions): AlertRule {
  const up = series(prometheusSeries.up, { job });
  const share = avgBy(["job"], maxOverTime(up, 4 * scrapeIntervalMs));
  return {
    kind: "alert",
    alert: "AttainPickerDown",
    expression: or(lte(share, downShare), absent(up)),
    forMs: minute,
    keepFiringMs: 5 * minute,
    severity: "critical",
    description: `Half or more of the pickers of job ${job} cannot be scraped, or there are none.`,
  };
}

function overloadedAlert({ job, scrapeIntervalMs }: AlertOptions): AlertRule {
  const delay = minOverTime(series(pickerMetrics.eventLoopDelaySeconds, { job }), 4 * scrapeIntervalMs);
  const decisions = series(pickerMetrics.decisionDurationSeconds, { job });
  const slow = gt(quantile(0.99, decisions, { window: 5 * minute, by: ["instance"] }), longestDecision);
  return {
    kind: "alert",
    alert: "AttainPickerOverloaded",
    expression: or(gt(maxBy(["instance"], delay), longestLoopDelay), slow),
    forMs: 10 * minute,
    severity: "warning",
    description:
      "Picker {{ $labels.instance }} holds requests up by {{ $value | humanizeDuration }}: its event loop is late (above 50 ms) or the slowest hundredth of its decisions are (above 10 ms).",
  };
}

function configInvalidAlert({ job }: AlertOptions): AlertRule {
  const failures = increase(series(processMetrics.configurationReloadFailuresTotal, { job }), 15 * minute);
  return {
    kind: "alert",
    alert: "AttainConfigInvalid",
    expression: gt(sumBy(["instance", "file"], failures), 0),
    forMs: 0,
    severity: "warning",
    description:
      "Picker {{ $labels.instance }} refused the content of {{ $labels.file }} in the last 15m; what was loaded before is in force.",
  };
}

const day: Seconds = 86_400;

const expiringAlert = ({ job }: AlertOptions, severity: "warning" | "critical", leastLeft: Seconds): AlertRule => ({
  kind: "alert",
  alert: "AttainCertificateExpiring",
  expression: lt(sub(series(processMetrics.certificateExpiryTimestampSeconds, { job }), time()), leastLeft),
  forMs: 0,
  ...(severity === "critical" && { keepFiringMs: 5 * minute }),
  severity,
  description:
    "The certificate that picker {{ $labels.instance }} serves expires in {{ $value | humanizeDuration }}; Envoy then refuses to connect, and requests fail.",
});

/** Alerts of the pickers themselves. */
export const pickerAlerts = (options: AlertOptions): readonly AlertRule[] => [
  downAlert(options),
  overloadedAlert(options),
  configInvalidAlert(options),
  expiringAlert(options, "critical", day),
  expiringAlert(options, "warning", 7 * day),
];
