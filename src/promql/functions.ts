import type { Ratio } from "#units";
import { numberText, vectorOf, type Scalar, type Selector, type Vector } from "./expression.ts";
import type { GrafanaVariable } from "./matchers.ts";
import { bucketsOf, rangeText } from "./selector.ts";
import { sumBy } from "./aggregation.ts";
import type { Window } from "./window.ts";

type CounterFunction = <L extends string>(counter: Selector<"counter", L>, window: Window) => Vector<L>;
const overCounter =
  (name: string): CounterFunction =>
  (counter, window) =>
    vectorOf(`${name}(${rangeText(counter, window)})`);

/** Increase per second over the window; of counters only. Resets are seen through. */
export const rate = overCounter("rate");
/** Increase over the window, extrapolated to its ends; of counters only. Resets are seen through. */
export const increase = overCounter("increase");
/** How often the counter was reset in the window. */
export const resets = overCounter("resets");

type GaugeFunction = <L extends string>(gauge: Selector<"gauge" | "recorded", L>, window: Window) => Vector<L>;
const overGauge =
  (name: string): GaugeFunction =>
  (gauge, window) =>
    vectorOf(`${name}(${rangeText(gauge as Vector, window)})`);

/** Difference between the ends of the window; of gauges only. */
export const delta = overGauge("delta");
/** Slope per second over the window; of gauges only. */
export const deriv = overGauge("deriv");

type OverTime = <L extends string>(vector: Vector<L>, window: Window, step?: Window) => Vector<L>;
const overTime =
  (name: string): OverTime =>
  (vector, window, step) =>
    vectorOf(`${name}(${rangeText(vector, window, step)})`);

/** Greatest value in the window. Of anything but a selector, or with a step, it is a subquery; so it is for those below. */
export const maxOverTime = overTime("max_over_time");
/** Least value in the window. */
export const minOverTime = overTime("min_over_time");
/** Mean of the samples in the window. */
export const avgOverTime = overTime("avg_over_time");
/** Sum of the samples in the window. */
export const sumOverTime = overTime("sum_over_time");
/** Number of samples in the window. */
export const countOverTime = overTime("count_over_time");
/** The newest sample in the window. */
export const lastOverTime = overTime("last_over_time");
/** How often the value changed in the window. */
export const changes = overTime("changes");

type Simple = <L extends string>(vector: Vector<L>) => Vector<L>;
const simple =
  (name: string): Simple =>
  ({ text }) =>
    vectorOf(`${name}(${text})`);

export const abs = simple("abs");
export const ceil = simple("ceil");
export const floor = simple("floor");
/** Series in descending order of their values, for tables. */
export const sortDesc = simple("sort_desc");
/** The instant of each sample, in seconds of the Unix epoch. */
export const timestamp = simple("timestamp");

/** Values of at least `least`. */
export const clampMin = <L extends string>({ text }: Vector<L>, least: number): Vector<L> =>
  vectorOf(`clamp_min(${text}, ${numberText(least)})`);
/** Values of at most `most`. */
export const clampMax = <L extends string>({ text }: Vector<L>, most: number): Vector<L> =>
  vectorOf(`clamp_max(${text}, ${numberText(most)})`);

/** One series of value 1 where the vector is empty; it keeps the labels of exact matchers. */
export const absent = ({ text }: Vector): Vector => vectorOf(`absent(${text})`);
/** As {@link absent}, where there was nothing in the whole window. */
export const absentOverTime = (selector: Vector, window: Window): Vector =>
  vectorOf(`absent_over_time(${rangeText(selector, window)})`);

/** The label `to` set to `replacement`, in which `$1` is the first group of `pattern` (RE2, matched whole) in `from`. */
export const labelReplace = <L extends string, To extends string>(
  { text }: Vector<L>,
  {
    to,
    replacement,
    from,
    pattern,
  }: {
    readonly to: To;
    readonly replacement: string;
    readonly from: NoInfer<L>;
    readonly pattern: string;
  },
): Vector<L | To> =>
  vectorOf(
    `label_replace(${[text, ...[to, replacement, from, pattern].map((part) => JSON.stringify(part))].join(", ")})`,
  );

/** A number as a series without labels. */
export const constantVector = (value: number): Vector => vectorOf(`vector(${numberText(value)})`);
/** The value of a vector of one series; NaN of any other. */
export const scalarOf = ({ text }: Vector): Scalar => ({ kind: "scalar", form: "operand", text: `scalar(${text})` });
/** The instant of evaluation, in seconds of the Unix epoch. */
export const time = (): Scalar => ({ kind: "scalar", form: "operand", text: "time()" });

/**
 * A quantile of a histogram, interpolated inside buckets; NaN where nothing was observed.
 * @param q a share, or a dashboard variable that holds one
 * @param by labels that are told apart; replicas are added up
 */
export const quantile = <L extends string, const By extends L = never>(
  q: Ratio | GrafanaVariable,
  histogram: Selector<"histogram", L>,
  { window, by = [] }: { readonly window: Window; readonly by?: readonly By[] },
): Vector<By> => {
  const buckets = sumBy([...by, "le"], rate(bucketsOf(histogram) as Selector<"counter", string>, window));
  return vectorOf(`histogram_quantile(${typeof q === "number" ? numberText(q) : q}, ${buckets.text})`);
};
