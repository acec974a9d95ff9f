import { attainmentRatio } from "#objective";
import type { Milliseconds, Ratio } from "#units";
import { judgementOf, type Exchange } from "./exchange.ts";

/** Nearest-rank quantile; undefined of nothing. */
export function quantile(values: readonly number[], q: Ratio): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
}

export const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

/** Met ÷ judged, by the picker's own definition; undefined where nothing was judged. */
export function attainmentOf(exchanges: readonly Exchange[]): Ratio | undefined {
  let met = 0;
  let missed = 0;
  for (const exchange of exchanges) {
    const verdict = judgementOf(exchange)?.verdict;
    if (verdict === "met") met++;
    if (verdict === "missed") missed++;
  }
  return attainmentRatio({ met, missed });
}

/** Those that arrived in [fromMs, untilMs). */
export const arrivedWithin = (
  exchanges: readonly Exchange[],
  fromMs: Milliseconds,
  untilMs: Milliseconds,
): readonly Exchange[] =>
  exchanges.filter(({ arrival: { arrivedAtMs } }) => arrivedAtMs >= fromMs && arrivedAtMs < untilMs);

/** How often each key occurs. */
export function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return Object.fromEntries(counts);
}

/** For output: enough digits to judge by. */
export const rounded = (value: number | undefined, digits = 4): number | undefined =>
  value === undefined ? undefined : Number(value.toFixed(digits));
