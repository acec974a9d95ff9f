import { objectiveMetrics, recordedSeries } from "#metrics";
import { absent, and, div, durationText, eq, gt, gte, increase, lte, series, sumBy } from "#promql";
import type { Milliseconds, NonEmpty } from "#units";
import type { AlertedObjective } from "./alerted-objective.ts";
import { burnPairs, type BurnPair } from "./burn-pairs.ts";
import { objectiveLabels, ownLabels } from "./objective-rules.ts";
import type { AlertOptions } from "./options.ts";
import type { AlertRule } from "./rule.ts";

const of = "objective {{ $labels.objective }} of pool {{ $labels.pool }}";
const share = "{{ $value | humanizePercentage }}";
const on = { on: objectiveLabels } as const;
const longestKeepMs: Milliseconds = 5 * 60_000;
const percent = (ratio: number): string => `${Number((ratio * 100).toPrecision(2))} %`;

const missedAtLeast = ({ matchers }: AlertedObjective, windowMs: Milliseconds, least: number) =>
  gte(series(recordedSeries.missedIncrease, { ...matchers, window: durationText(windowMs) }), least);

function burnAlert(objective: AlertedObjective, pair: BurnPair, options: AlertOptions): AlertRule {
  const { urgency, burn, longMs, shortMs, forMs, threshold, budgetShare } = pair;
  const { matchers, level } = objective;
  const [long, short] = [durationText(longMs), durationText(shortMs)];
  const above = (window: string) => gt(series(recordedSeries.missedRatio, { ...matchers, window }), threshold);
  const enough = missedAtLeast(objective, longMs, options.leastMissed[urgency]);
  return {
    kind: "alert",
    alert: "AttainErrorBudgetBurn",
    expression: and(and(above(long), above(short), on), enough, on),
    forMs,
    ...(urgency === "page" && { keepFiringMs: Math.min(shortMs, longestKeepMs) }),
    severity: urgency === "page" ? "critical" : "warning",
    labels: { burn },
    description: `${share} of the judged requests of ${of} missed in the last ${long}, and the last ${short} is no better. Above ${percent(threshold)}, ${long} spends ${percent(budgetShare)} or more of the error budget of ${durationText(level.periodMs)}.`,
  };
}

function exhaustedAlert(objective: AlertedObjective, { longMs }: BurnPair, { leastMissed }: AlertOptions): AlertRule {
  const { matchers, level } = objective;
  const spent = lte(series(recordedSeries.budgetRemaining, matchers), 0);
  return {
    kind: "alert",
    alert: "AttainErrorBudgetExhausted",
    expression: and(spent, missedAtLeast(objective, level.periodMs, leastMissed.ticket), on),
    forMs: longMs,
    severity: "warning",
    description: `Of the error budget of ${of}, ${share} is left over the last ${durationText(level.periodMs)}.`,
  };
}

const refusals = ["shed", "queue_full", "ttl_expired", "evicted"] as const;

/** Refusals alone spend the budget at the pace of the slow page; seen over its short window, so within minutes. */
function sheddingAlert(objective: AlertedObjective, pairs: NonEmpty<BurnPair>, options: AlertOptions): AlertRule {
  const { matchers, isTopClass } = objective;
  const { shortMs, threshold } = pairs.findLast(({ urgency }) => urgency === "page") ?? pairs[0];
  const refused = sumBy(
    objectiveLabels,
    increase(series(objectiveMetrics.missedTotal, { ...matchers, reason: refusals }), shortMs),
  );
  const judged = series(recordedSeries.judgedIncrease, { ...matchers, window: durationText(shortMs) });
  const shed = gt(div(refused, judged, on), threshold);
  return {
    kind: "alert",
    alert: "AttainSheddingHigh",
    expression: and(shed, gte(refused, options.leastMissed.page), on),
    forMs: pairs[0].forMs,
    ...(isTopClass && { keepFiringMs: Math.min(shortMs, longestKeepMs) }),
    severity: isTopClass ? "critical" : "warning",
    description: `${share} of the judged requests of ${of} were refused in the last ${durationText(shortMs)}.`,
  };
}

function noTrafficAlert({ matchers, level }: AlertedObjective, { longMs, shortMs }: BurnPair): AlertRule {
  const requests = (windowMs: Milliseconds) =>
    sumBy(objectiveLabels, increase(series(objectiveMetrics.requestsTotal, matchers), windowMs));
  const beforeMs = level.periodMs / 4;
  return {
    kind: "alert",
    alert: "AttainObjectiveNoTraffic",
    expression: and(eq(requests(longMs), 0), gt(requests(beforeMs), 0)),
    forMs: shortMs,
    severity: "info",
    description: `No request of ${of} ended in the last ${durationText(longMs)}; there were some in the last ${durationText(beforeMs)}.`,
  };
}

/** Waits about as long as an outage takes to page: blindness is as urgent, and a restart is shorter. */
function absentAlert({ name, pool, matchers }: AlertedObjective, pair: BurnPair, options: AlertOptions): AlertRule {
  const step = options.evaluationIntervalMs;
  const forMs = Math.ceil(Math.max(pair.threshold * pair.longMs + pair.forMs, pair.shortMs) / step) * step;
  return {
    kind: "alert",
    alert: "AttainObjectiveMetricsAbsent",
    expression: absent(series(objectiveMetrics.requestsTotal, matchers)),
    forMs,
    keepFiringMs: Math.min(pair.shortMs, longestKeepMs),
    severity: "critical",
    description: `No picker has reported on objective ${name}${pool === undefined ? "" : ` of pool ${pool}`} for ${durationText(forMs)}: nothing can be said of it, and its other alerts are blind.`,
  };
}

/** The alerts of one objective, the most urgent burn rate first. */
export function objectiveAlerts(objective: AlertedObjective, options: AlertOptions): readonly AlertRule[] {
  const pairs = burnPairs(objective.level, options);
  const mostUrgent = pairs[0];
  return [
    ...pairs.map((pair) => burnAlert(objective, pair, options)),
    exhaustedAlert(objective, mostUrgent, options),
    ...(objective.shedsExcluded ? [] : [sheddingAlert(objective, pairs, options)]),
    noTrafficAlert(objective, mostUrgent),
    absentAlert(objective, mostUrgent, options),
  ].map((alert) => ({ ...alert, labels: { ...ownLabels(objective), ...alert.labels } }));
}
