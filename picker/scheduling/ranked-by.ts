import type { Scorer, SchedulingContext } from "./plugin.ts";

/**
 * Min-max scorer over one column of the snapshot: the best candidate gets 1, the worst 0, equal ones 1. A candidate whose
 * reading is unknown stays unknown and moves neither bound.
 * @param better which end of the column is preferred
 * @param read a column in the order of `snapshot.endpoints`
 */
export const rankedBy = (better: "lower" | "higher", read: (context: SchedulingContext) => Float64Array): Scorer => ({
  score(context, { indexes, count }, out) {
    const column = read(context);
    let min = Infinity;
    let max = -Infinity;
    for (let i = 0; i < count; i++) {
      const value = column[indexes[i]!]!;
      out[i] = value;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    const range = max - min;
    for (let i = 0; i < count; i++) {
      const value = out[i]!;
      if (Number.isNaN(value)) continue;
      if (range > 0) out[i] = better === "lower" ? (max - value) / range : (value - min) / range;
      else out[i] = 1;
    }
  },
});
