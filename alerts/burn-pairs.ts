import { CodedError } from "#errors";
import { errorBudget, type ServiceLevel } from "#objective";
import { durationText } from "#promql";
import { isNonEmpty, type Milliseconds, type NonEmpty, type Ratio } from "#units";
import type { AlertOptions } from "./options.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Lengths that people say. */
const ladder: readonly Milliseconds[] = [
  ...[1, 2, 3, 5, 10, 15, 20, 30].map((count) => count * second),
  ...[1, 2, 3, 5, 10, 15, 20, 30, 45].map((count) => count * minute),
  ...[1, 1.5, 2, 3, 4, 6, 8, 12, 18].map((count) => count * hour),
  ...[1, 2, 3, 4, 5, 7, 10, 14].map((count) => count * day),
];
const distance = (a: Milliseconds, b: Milliseconds): number => Math.abs(Math.log(a / b));
const nearest = (ms: Milliseconds): Milliseconds =>
  ladder.reduce((best, rung) => (distance(rung, ms) < distance(best, ms) ? rung : best));

type Aim = {
  readonly urgency: "page" | "ticket";
  readonly burn: "fast" | "slow";
  /** Share of the period's budget that may be spent in the long window before it alerts. */
  readonly share: Ratio;
  /** Length of the long window as a share of the period. */
  readonly long: Ratio;
};

/** Over 30 days: 1 h, 6 h, 1 d, 3 d. Source: The Site Reliability Workbook, chapter 5, "Alerting on SLOs". */
const aims: readonly Aim[] = [
  { urgency: "page", burn: "fast", share: 0.02, long: 1 / 720 },
  { urgency: "page", burn: "slow", share: 0.05, long: 1 / 120 },
  { urgency: "ticket", burn: "fast", share: 0.1, long: 1 / 30 },
  { urgency: "ticket", burn: "slow", share: 0.1, long: 1 / 10 },
];
const shortShare = 1 / 12;
const scrapesInWindow = 4;
/** No threshold is above this share of missed requests: an outage that lets a few through must still be seen. */
const highestThreshold: Ratio = 0.8;

/** One condition: both windows above the threshold. The long one says that it matters, the short one that it goes on. */
export type BurnPair = {
  readonly urgency: "page" | "ticket";
  readonly burn: "fast" | "slow";
  readonly longMs: Milliseconds;
  readonly shortMs: Milliseconds;
  readonly forMs: Milliseconds;
  /** Share of judged requests that miss. */
  readonly threshold: Ratio;
  /** Share of the period's budget that is spent when the threshold is just reached for the long window. */
  readonly budgetShare: Ratio;
};

/** A period so short that no window can be measured by the scrapes. */
export class AlertPeriodError extends CodedError<{ readonly code: "ALERT_PERIOD"; readonly periodMs: Milliseconds }> {
  constructor(periodMs: Milliseconds, scrapeIntervalMs: Milliseconds) {
    const allowed = durationText((2 * scrapesInWindow * scrapeIntervalMs) / aims.at(-1)!.long);
    super(
      { code: "ALERT_PERIOD", periodMs },
      `a period of ${durationText(periodMs)} is too short to alert on with a scrape each ${durationText(scrapeIntervalMs)}; allowed: about ${allowed} and longer`,
    );
  }
}

const tidy = (value: number): number => Number(value.toPrecision(6));

function pairOf(aim: Aim, level: ServiceLevel, shortestMs: Milliseconds): BurnPair {
  const longMs = nearest(level.periodMs * aim.long);
  const shortMs = Math.max(nearest(longMs * shortShare), shortestMs);
  const budget = errorBudget(level.target);
  const factor = Math.max(1, (aim.share * level.periodMs) / longMs);
  const threshold = tidy(Math.min(factor * budget, highestThreshold));
  const budgetShare = tidy(((threshold / budget) * longMs) / level.periodMs);
  const { urgency, burn } = aim;
  return { urgency, burn, longMs, shortMs, forMs: shortMs / 2, threshold, budgetShare };
}

/**
 * The burn-rate conditions of a service level, most urgent first.
 * Left out: a pair whose long window is too short to be measured by the scrapes, and a pair whose threshold was lowered
 * to that of the slower pair of the same urgency, which then alerts on the same share seen for longer.
 * @throws AlertPeriodError when the period is too short for any
 */
export function burnPairs(level: ServiceLevel, { scrapeIntervalMs }: AlertOptions): NonEmpty<BurnPair> {
  const shortestMs = scrapeIntervalMs * scrapesInWindow;
  const pairs = aims
    .map((aim) => pairOf(aim, level, shortestMs))
    .filter(({ longMs, shortMs }) => longMs >= 2 * shortMs);
  const distinct = pairs.filter((pair, i) => {
    const slower = pairs[i + 1];
    return slower?.urgency !== pair.urgency || pair.threshold > slower.threshold;
  });
  if (!isNonEmpty(distinct)) throw new AlertPeriodError(level.periodMs, scrapeIntervalMs);
  return distinct;
}
