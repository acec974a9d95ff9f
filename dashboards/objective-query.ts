/** What is asked about objectives, on whichever dashboard. Each sums the pickers' counters, then divides. */
import { alertNamePrefix, objectiveMetrics, recordedSeries, requestMetrics } from "#metrics";
import { missReasons, type Dimension, type MissReason, type RefusalReason, type Verdict } from "#objective";
import {
  countBy,
  div,
  gte,
  increase,
  maxBy,
  prometheusSeries,
  quantile,
  rate,
  ratio,
  sub,
  sumBy,
  type GrafanaVariable,
  type Vector,
  type Window,
} from "#promql";
import type { Ratio } from "#units";
import { ofObjective, perObjective, recordedOf, scoped } from "./scope.ts";

type OfObjective = Vector<(typeof perObjective)[number]>;

const judged = ["met", "missed"] as const satisfies readonly Verdict[];
const measured: Readonly<Record<Exclude<MissReason, RefusalReason>, true>> = {
  ttft: true,
  tpot: true,
  e2e: true,
  upstream_error: true,
  client_gone: true,
};
/** Reasons of requests that the picker refused before a model server got them. */
export const refusalReasons = missReasons.filter((reason): reason is RefusalReason => !(reason in measured));

const ended = (verdict: Verdict | readonly Verdict[]) =>
  scoped(objectiveMetrics.requestsTotal, { ...ofObjective, verdict });

/** Requests that ended with one of the verdicts, in the window. */
export const endedIn = (window: Window, verdict: Verdict | readonly Verdict[] = judged): OfObjective =>
  sumBy(perObjective, increase(ended(verdict), window));

/** The same per second. */
export const endedRate = (window: Window, verdict: Verdict | readonly Verdict[] = judged): OfObjective =>
  sumBy(perObjective, rate(ended(verdict), window));

/** Met requests as a share of judged ones; nothing where nothing was judged. */
export const attainment = (window: Window): OfObjective => ratio(endedIn(window, "met"), endedIn(window));

export const target = (): OfObjective => maxBy(perObjective, scoped(objectiveMetrics.targetRatio, ofObjective));

/** Missed share over the error budget: 1 spends the budget exactly over the period. */
export const burnRate = (window: Window): OfObjective =>
  div(ratio(endedIn(window, "missed"), endedIn(window)), sub(1, target()));

/** Recorded by the rules of `attain render alerts`. */
export const budgetRemaining = (): OfObjective =>
  maxBy(perObjective, scoped(recordedSeries.budgetRemaining, recordedOf));

/** Judged requests that the picker refused, in the window. */
export const refusedIn = (window: Window): OfObjective =>
  sumBy(
    perObjective,
    increase(scoped(objectiveMetrics.missedTotal, { ...ofObjective, reason: refusalReasons }), window),
  );

/** Refused requests as a share of judged ones. */
export const refusedShare = (window: Window): OfObjective => ratio(refusedIn(window), endedIn(window));

/** The configured bound of a dimension. */
export const threshold = (dimension: Dimension): OfObjective =>
  maxBy(perObjective, scoped(objectiveMetrics.thresholdSeconds, { ...ofObjective, dimension }));

const histograms = {
  ttft: requestMetrics.ttftSeconds,
  tpot: requestMetrics.tpotSeconds,
  e2e: requestMetrics.durationSeconds,
} as const satisfies Readonly<Record<Dimension, unknown>>;

/** The histogram of a dimension. */
export const latency = (dimension: Dimension) => scoped(histograms[dimension], ofObjective);

/** A quantile of a dimension; nothing, not NaN, where nothing was observed. */
export const latencyQuantile = (dimension: Dimension, q: Ratio | GrafanaVariable, window: Window): OfObjective =>
  gte(quantile(q, latency(dimension), { window, by: perObjective }), 0);

/** Alerts of the objective that fire. */
export const firingAlerts = (): OfObjective =>
  countBy(
    perObjective,
    scoped(prometheusSeries.alerts, {
      ...recordedOf,
      alertname: { matches: `${alertNamePrefix}.*` },
      alertstate: "firing",
    }),
  );
