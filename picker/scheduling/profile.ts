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
 * @param marks gets `bit` set for each unknown one
 */
export function settleUnknown(column: Float64Array, count: number, marks?: Uint32Array, bit = 0): void {
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
  for (let i = 0; i < count; i++) {
    if (!Number.isNaN(column[i]!)) continue;
    column[i] = neutral;
    if (marks !== undefined) marks[i]! |= bit;
  }
}

/** Where ratings are written: one number a candidate, at least as long as the candidates. */
export type Ratings = {
  /** `totals[i]` for `candidates.indexes[i]`. */
  readonly totals: Float64Array;
  /** Settled scores, one column a scorer. */
  readonly columns: readonly Float64Array[];
  /** Bit s is set where scorer s knew nothing of the candidate. */
  readonly unknown: Uint32Array;
};

/** Writes the scores of each candidate and their weighted sum. */
export function rate(
  { scorers }: Profile,
  context: SchedulingContext,
  candidates: Candidates,
  { totals, columns, unknown }: Ratings,
): void {
  const { count } = candidates;
  totals.fill(0, 0, count);
  unknown.fill(0, 0, count);
  for (let s = 0; s < scorers.length; s++) {
    const { scorer, weight } = scorers[s]!;
    const column = columns[s]!;
    scorer.score(context, candidates, column);
    settleUnknown(column, count, unknown, 1 << s);
    for (let i = 0; i < count; i++) totals[i]! += weight * column[i]!;
  }
}
