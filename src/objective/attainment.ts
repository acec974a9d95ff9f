import type { Ratio } from "#units";

/** Counts of judged requests over some window; excluded and untargeted ones are in neither. */
export type Attainment = { readonly met: number; readonly missed: number };

/** met / (met + missed); undefined where nothing was judged, since nothing is then known. */
export function attainmentRatio({ met, missed }: Attainment): Ratio | undefined {
  const judged = met + missed;
  return judged === 0 ? undefined : met / judged;
}

/** The share of requests that may miss: 1 − target. */
export const errorBudget = (target: Ratio): Ratio => 1 - target;

/** (missed / judged) / error budget: 1 spends the budget exactly over the period; undefined where nothing was judged. */
export function burnRate(counts: Attainment, target: Ratio): number | undefined {
  const ratio = attainmentRatio(counts);
  return ratio === undefined ? undefined : (1 - ratio) / errorBudget(target);
}

/** The share of the budget of these judged requests that is left; negative when overspent, undefined where nothing was judged. */
export function errorBudgetRemaining(counts: Attainment, target: Ratio): number | undefined {
  const burnt = burnRate(counts, target);
  return burnt === undefined ? undefined : 1 - burnt;
}
