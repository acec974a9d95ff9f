/** PromQL built from the metric catalogue: a misspelt label, or a rate of a gauge, does not compile. */
export type { Expression, Scalar, Selector, SeriesType, TargetLabel, Vector } from "./expression.ts";
export type { GrafanaVariable, Matcher, Matchers } from "./matchers.ts";
export type { GrafanaWindow, Window } from "./window.ts";
export { durationText } from "./window.ts";
export type { SeriesSpec } from "./selector.ts";
export { bucketAt, bucketsOf, countOf, offset, series, sumOf } from "./selector.ts";
export { avgBy, bottomk, countBy, maxBy, minBy, stddevBy, sumBy, topk } from "./aggregation.ts";
export {
  abs,
  absent,
  absentOverTime,
  avgOverTime,
  ceil,
  changes,
  clampMax,
  clampMin,
  constantVector,
  countOverTime,
  delta,
  deriv,
  floor,
  increase,
  labelReplace,
  lastOverTime,
  maxOverTime,
  minOverTime,
  quantile,
  rate,
  resets,
  scalarOf,
  sortDesc,
  sumOverTime,
  time,
  timestamp,
} from "./functions.ts";
export type { BinaryOperator } from "./operators.ts";
export {
  add,
  and,
  div,
  eq,
  eqBool,
  gt,
  gtBool,
  gte,
  gteBool,
  lt,
  ltBool,
  lte,
  lteBool,
  mul,
  ne,
  or,
  ratio,
  sub,
  unless,
} from "./operators.ts";
export { prometheusSeries } from "./scrape-series.ts";
