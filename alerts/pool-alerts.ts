import { objectiveMetrics, pickerMetrics, poolMetrics, requestMetrics } from "#metrics";
import {
  and,
  countOf,
  durationText,
  eq,
  gt,
  gte,
  increase,
  lastOverTime,
  maxBy,
  maxOverTime,
  minOverTime,
  mul,
  rate,
  ratio,
  series,
  sumBy,
  sumOf,
} from "#promql";
import type { Milliseconds } from "#units";
import { objectiveLabels } from "./objective-rules.ts";
import type { AlertOptions } from "./options.ts";
import type { AlertRule } from "./rule.ts";

const minute: Milliseconds = 60_000;
const queueWindowMs = 10 * minute;
/** Share of the time to first token that may be spent waiting. */
const queueShare = 0.5;
const staleShare = 0.2;
const unknownWindowMs = 60 * minute;

function noEndpointsAlert({ pool, scrapeIntervalMs }: AlertOptions): AlertRule {
  const arrivals = sumBy(["pool"], rate(series(objectiveMetrics.requestsTotal, { pool }), 4 * scrapeIntervalMs));
  const endpoints = maxOverTime(series(poolMetrics.endpoints, { pool }), 2 * scrapeIntervalMs);
  const seenByBest = maxBy(["pool"], sumBy(["pool", "instance"], endpoints));
  return {
    kind: "alert",
    alert: "AttainPoolNoEndpoints",
    expression: and(gt(arrivals, 0), eq(seenByBest, 0)),
    forMs: minute,
    keepFiringMs: 5 * minute,
    severity: "critical",
    description:
      "{{ $value | humanize }} requests a second reach pool {{ $labels.pool }}, and no picker knows an endpoint.",
  };
}

function scrapeStaleAlert({ pool, scrapeIntervalMs }: AlertOptions): AlertRule {
  const windowMs = 4 * scrapeIntervalMs;
  const stale = minOverTime(series(poolMetrics.endpoints, { pool, state: ["stale", "unknown"] }), windowMs);
  const all = lastOverTime(series(poolMetrics.endpoints, { pool }), windowMs);
  const share = ratio(sumBy(["pool", "instance"], stale), sumBy(["pool", "instance"], all));
  return {
    kind: "alert",
    alert: "AttainEndpointScrapeStale",
    expression: gt(maxBy(["pool"], share), staleShare),
    forMs: 5 * minute,
    severity: "warning",
    description:
      "A picker has no current metrics of {{ $value | humanizePercentage }} of the endpoints of pool {{ $labels.pool }}.",
  };
}

function queueWaitAlert({ pool, leastMissed }: AlertOptions): AlertRule {
  const queue = series(requestMetrics.queueSeconds, { pool });
  const waits = sumBy(objectiveLabels, rate(sumOf(queue), queueWindowMs));
  const mean = ratio(waits, sumBy(objectiveLabels, rate(countOf(queue), queueWindowMs)));
  const threshold = maxBy(objectiveLabels, series(objectiveMetrics.thresholdSeconds, { pool, dimension: "ttft" }));
  const dispatched = sumBy(objectiveLabels, increase(countOf(queue), queueWindowMs));
  return {
    kind: "alert",
    alert: "AttainQueueWaitHigh",
    expression: and(gt(mean, mul(threshold, queueShare)), gte(dispatched, leastMissed.page)),
    forMs: queueWindowMs,
    severity: "warning",
    description: `Requests of objective {{ $labels.objective }} of pool {{ $labels.pool }} waited {{ $value | humanizeDuration }} on average in the last ${durationText(queueWindowMs)}, more than half of what their first token may take.`,
  };
}

function unknownObjectiveAlert({ pool, leastMissed }: AlertOptions): AlertRule {
  const unknown = increase(series(pickerMetrics.unknownObjectiveRequestsTotal, { pool }), unknownWindowMs);
  return {
    kind: "alert",
    alert: "AttainUnknownObjective",
    expression: gte(sumBy(["pool"], unknown), leastMissed.ticket),
    forMs: 5 * minute,
    severity: "info",
    description: `{{ $value | humanize }} requests to pool {{ $labels.pool }} named an objective nobody configured in the last ${durationText(unknownWindowMs)}.`,
  };
}

/** Alerts of pools as a whole: of the one that is named, else of each that Prometheus sees. */
export const poolAlerts = (options: AlertOptions): readonly AlertRule[] => [
  noEndpointsAlert(options),
  scrapeStaleAlert(options),
  queueWaitAlert(options),
  unknownObjectiveAlert(options),
];
