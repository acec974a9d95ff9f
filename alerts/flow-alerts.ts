import { flowMetrics, objectiveMetrics } from "#metrics";
import {
  and,
  countBy,
  div,
  durationText,
  gt,
  gte,
  increase,
  maxBy,
  maxOverTime,
  minOverTime,
  mul,
  eq,
  series,
  sub,
  sumBy,
  time,
  timestamp,
  unless,
} from "#promql";
import type { Milliseconds, Ratio, Seconds } from "#units";
import { objectiveLabels } from "./objective-rules.ts";
import type { AlertOptions } from "./options.ts";
import type { AlertRule } from "./rule.ts";

const minute: Milliseconds = 60_000;
const refusedWindowMs = 10 * minute;
const refusedShare: Ratio = 0.01;
const longestWait: Seconds = 30;
const coldStarts = 2;
/** Longer than any start that is still hoped for. */
const heldWindowMs = 60 * minute;

/** Refusals for lack of room. Those of an empty pool and of a picker that shuts down have other alerts, or need none. */
export const roomRefusals = [
  "saturated",
  "infeasible",
  "late",
  "queue_full",
  "displaced",
  "ttl_expired",
  "evicted",
  "filtered_out",
  "no_band",
] as const;
/** Priorities of at least 0: requests that are not sheddable. */
const important = { matches: "[0-9]+" } as const;

function concurrencyOnlyAlert({ pool, scrapeIntervalMs }: AlertOptions): AlertRule {
  const blind = minOverTime(series(flowMetrics.mode, { pool, mode: "concurrency_only" }), 4 * scrapeIntervalMs);
  return {
    kind: "alert",
    alert: "AttainFlowConcurrencyOnly",
    expression: gt(maxBy(["pool"], blind), 0),
    forMs: 5 * minute,
    severity: "warning",
    description:
      "A picker has no current metrics of any endpoint of pool {{ $labels.pool }}: it dispatches by its own count of requests in flight alone.",
  };
}

function importantRefusedAlert({ pool, leastMissed }: AlertOptions): AlertRule {
  const outcomes = series(flowMetrics.outcomesTotal, { pool });
  const refusals = series(flowMetrics.outcomesTotal, { pool, outcome: roomRefusals });
  const refused = sumBy(objectiveLabels, increase(refusals, refusedWindowMs));
  const share = div(refused, sumBy(objectiveLabels, increase(outcomes, refusedWindowMs)));
  const isImportant = countBy(objectiveLabels, series(objectiveMetrics.info, { pool, priority: important }));
  return {
    kind: "alert",
    alert: "AttainImportantRefused",
    expression: and(and(gt(share, refusedShare), gte(refused, leastMissed.page)), isImportant),
    forMs: 5 * minute,
    severity: "warning",
    description: `{{ $value | humanizePercentage }} of the requests of objective {{ $labels.objective }} of pool {{ $labels.pool }} were refused for lack of room in the last ${durationText(refusedWindowMs)}, although it is not sheddable.`,
  };
}

function heldForZeroAlert({ pool, scrapeIntervalMs }: AlertOptions): AlertRule {
  const held = maxBy(["pool"], series(flowMetrics.heldRequests, { pool }));
  const noneHeldAt = maxOverTime(timestamp(eq(held, 0)), heldWindowMs, scrapeIntervalMs);
  const expected = maxBy(["pool"], series(flowMetrics.expectedColdStartSeconds, { pool }));
  const noneHeldSince = gt(noneHeldAt, sub(time(), mul(expected, coldStarts)));
  return {
    kind: "alert",
    alert: "AttainHeldForZero",
    expression: unless(gt(held, 0), noneHeldSince),
    forMs: 2 * minute,
    severity: "warning",
    description:
      "{{ $value | humanize }} requests wait for an endpoint of pool {{ $labels.pool }}, and some have for more than twice as long as a start is expected to take.",
  };
}

function queueOldAlert({ pool, scrapeIntervalMs }: AlertOptions): AlertRule {
  const oldest = series(flowMetrics.queueOldestAgeSeconds, { pool, priority: important });
  const oldestOfPool = maxBy(["pool"], minOverTime(oldest, 4 * scrapeIntervalMs));
  const held = maxBy(["pool"], series(flowMetrics.heldRequests, { pool }));
  return {
    kind: "alert",
    alert: "AttainQueueOld",
    expression: unless(gt(oldestOfPool, longestWait), gt(held, 0)),
    forMs: 5 * minute,
    severity: "warning",
    description:
      "The oldest request of pool {{ $labels.pool }} that is not sheddable has waited for at least {{ $value | humanizeDuration }}, all the time.",
  };
}

/** Alerts of flow control: of the pool that is named, else of each that Prometheus sees. */
export const flowAlerts = (options: AlertOptions): readonly AlertRule[] => [
  concurrencyOnlyAlert(options),
  importantRefusedAlert(options),
  heldForZeroAlert(options),
  queueOldAlert(options),
];
