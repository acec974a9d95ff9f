import type { Ratio } from "#units";
import type { Candidates, Filter, Picker, SchedulingContext, Scorer } from "./plugin.ts";

/** A scorer with its factor; factors are not normalised. */
export type WeightedScorer = { readonly name: string; readonly scorer: Scorer; readonly weight: number };

/** What narrows, rates and chooses, in this order. */
export type Profile = {
  readonly name: string;
  readonly filters: readonly Filter[];
  readonly scorers: readonly WeightedScorer[];
  readonly picker: Picker;
};

/** Runs the filters in order; stops as soon as nothing is left. */
export function narrow({ filters }: Profile, context: SchedulingContext, candidates: Candidates): void {
  for (let i = 0; i < filters.length && candidates.count > 0; i++) filters[i]!.filter(context, candidates);
}

/** What an unknown score counts as where nothing of its column is known. */
export const scoreOfNothingKnown: Ratio = 0.5;

/**
 * Clamps the first `count` scores to [0, 1] and replaces unknown ones by the mean of the known ones, or by 0.5 where none
 * is known: an endpoint that says nothing is neither preferred nor avoided for it.
 */
export function settleUnknown(column: Float64Array, count: number): void {
  let known = 0;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const score = column[i]!;
    if (Number.isNaN(score)) continue;
    const clamped = score < 0 ? 0 : score > 1 ? 1 : score;
    column[i] = clamped;
    sum += clamped;
    known++;
  }
  if (known === count) return;
  const neutral = known === 0 ? scoreOfNothingKnown : sum / known;
  for (let i = 0; i < count; i++) if (Number.isNaN(column[i]!)) column[i] = neutral;
}

/**
 * Writes the weighted sum of all scores of each candidate.
 * @param totals receives `totals[i]` for `candidates.indexes[i]`
 * @param column scratch, at least as long as the candidates
 */
export function rate(
  { scorers }: Profile,
  context: SchedulingContext,
  candidates: Candidates,
  totals: Float64Array,
  column: Float64Array,
): void {
  const { count } = candidates;
  totals.fill(0, 0, count);
  for (let s = 0; s < scorers.length; s++) {
    const { scorer, weight } = scorers[s]!;
    scorer.score(context, candidates, column);
    settleUnknown(column, count);
    for (let i = 0; i < count; i++) totals[i]! += weight * column[i]!;
  }
}
