import { objectiveMetrics, recordedSeries, type RecordedSpec } from "#metrics";
import { errorBudget } from "#objective";
import { div, durationText, increase, mul, or, ratio, series, sub, sumBy, type Expression } from "#promql";
import type { Milliseconds } from "#units";
import type { AlertedObjective } from "./alerted-objective.ts";
import { burnPairs, type BurnPair } from "./burn-pairs.ts";
import type { AlertOptions } from "./options.ts";
import type { RecordingRule } from "./rule.ts";

/** The labels of everything that is said of an objective. */
export const objectiveLabels = ["pool", "objective"] as const;

/** Written on rules, too, since a rule is told apart by its name and its own labels. */
export const ownLabels = ({ pool, name }: AlertedObjective): Readonly<Record<string, string>> => ({
  ...(pool !== undefined && { pool }),
  objective: name,
});

const budgetOf = ({ level }: AlertedObjective): number => Number(errorBudget(level.target).toPrecision(12));

/** Sums of events over one window. A series of missed requests that was never made counts as 0 beside met ones. */
function windowRules(objective: AlertedObjective, windowMs: Milliseconds): readonly RecordingRule[] {
  const window = durationText(windowMs);
  const own = objective.matchers;
  const counted = (verdict: "missed" | readonly ["met", "missed"]) =>
    sumBy(objectiveLabels, increase(series(objectiveMetrics.requestsTotal, { ...own, verdict }), windowMs));
  const judged = series(recordedSeries.judgedIncrease, { ...own, window });
  const missed = series(recordedSeries.missedIncrease, { ...own, window });
  const missedOrNone = or(counted("missed"), mul(judged, 0), { on: objectiveLabels });
  const record = ({ name }: RecordedSpec, expression: Expression): RecordingRule => ({
    kind: "record",
    record: name,
    expression,
    labels: { ...ownLabels(objective), window },
  });
  return [
    record(recordedSeries.judgedIncrease, counted(["met", "missed"])),
    record(recordedSeries.missedIncrease, missedOrNone),
    record(recordedSeries.missedRatio, ratio(missed, judged)),
  ];
}

function burnRule(objective: AlertedObjective, windowMs: Milliseconds): RecordingRule {
  const window = durationText(windowMs);
  return {
    kind: "record",
    record: recordedSeries.burnRate.name,
    expression: div(series(recordedSeries.missedRatio, { ...objective.matchers, window }), budgetOf(objective)),
    labels: { ...ownLabels(objective), window },
  };
}

function remainingRule(objective: AlertedObjective): RecordingRule {
  const window = durationText(objective.level.periodMs);
  const missed = sumBy(objectiveLabels, series(recordedSeries.missedRatio, { ...objective.matchers, window }));
  return {
    kind: "record",
    record: recordedSeries.budgetRemaining.name,
    expression: sub(1, div(missed, budgetOf(objective))),
    labels: ownLabels(objective),
  };
}

/** What is recorded of an objective: event sums and shares over each window, burn rates, and what is left of its budget. */
export function recordingRules(objective: AlertedObjective, options: AlertOptions): readonly RecordingRule[] {
  const { periodMs } = objective.level;
  const windows = windowsOf(burnPairs(objective.level, options));
  return [
    ...windows.flatMap((windowMs) => [...windowRules(objective, windowMs), burnRule(objective, windowMs)]),
    ...windowRules(objective, periodMs),
    remainingRule(objective),
  ];
}

const windowsOf = (pairs: readonly BurnPair[]): readonly Milliseconds[] =>
  [...new Set(pairs.flatMap(({ longMs, shortMs }) => [shortMs, longMs]))].sort((a, b) => a - b);
