/** Weight of the newest value. */
const newest = 0.05;

/** A mean that follows what it is of; the first value stands for all before it. */
export const movedMean = (mean: number | undefined, value: number): number =>
  mean === undefined ? value : mean + newest * (value - mean);
