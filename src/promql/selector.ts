import type { ClosedValues, LabelNames } from "#metrics";
import { operandText, vectorOf, type Selector, type SeriesType, type TargetLabel, type Vector } from "./expression.ts";
import { matchersText, type Matchers } from "./matchers.ts";
import { windowText, type Window } from "./window.ts";

/** What is needed of a spec of the catalogue, exposed or recorded. */
export type SeriesSpec<T extends SeriesType, N extends LabelNames, V extends ClosedValues> = {
  readonly type: T;
  readonly name: string;
  readonly labels: N;
  readonly values: V;
};

const selectorOf = <T extends SeriesType, L extends string>(selector: T, name: string, matchers: string) =>
  ({
    kind: selector === "histogram" ? "histogram" : "vector",
    form: "operand",
    text: matchers === "" ? name : `${name}{${matchers}}`,
    selector,
    name,
    matchers,
  }) as unknown as Selector<T, L>;

/** The series of a metric that agree with the matchers. */
export const series = <T extends SeriesType, N extends LabelNames, V extends ClosedValues>(
  spec: SeriesSpec<T, N, V>,
  matchers?: Matchers<N, V>,
): Selector<T, N[number] | TargetLabel> => selectorOf(spec.type, spec.name, matchersText(matchers ?? {}));

/** The cumulative buckets of a histogram, by `le`. */
export const bucketsOf = <L extends string>(histogram: Selector<"histogram", L>): Selector<"counter", L | "le"> =>
  selectorOf("counter", `${histogram.name}_bucket`, histogram.matchers);

/**
 * The bucket of a histogram that ends exactly at `edge`, in the metric's unit: observations that are at most the edge.
 * Servers write whole numbers as `1` or as `1.0`; both match.
 */
export function bucketAt<L extends string>(
  histogram: Selector<"histogram", L>,
  edge: number,
): Selector<"counter", L | "le"> {
  const le = Number.isInteger(edge) ? `le=~"${edge}([.]0)?"` : `le="${edge}"`;
  const matchers = histogram.matchers === "" ? le : `${histogram.matchers},${le}`;
  return selectorOf("counter", `${histogram.name}_bucket`, matchers);
}

/** The number of observations of a histogram. */
export const countOf = <L extends string>(histogram: Selector<"histogram", L>): Selector<"counter", L> =>
  selectorOf("counter", `${histogram.name}_count`, histogram.matchers);

/** The sum of the observations of a histogram, in the metric's unit. */
export const sumOf = <L extends string>(histogram: Selector<"histogram", L>): Selector<"counter", L> =>
  selectorOf("counter", `${histogram.name}_sum`, histogram.matchers);

/** `selector[window]`, or a subquery of anything else at `step` (the evaluation interval without one). */
export function rangeText(vector: Vector, window: Window, step?: Window): string {
  if (vector.selector !== undefined && step === undefined) return `${vector.text}[${windowText(window)}]`;
  return `${operandText(vector)}[${windowText(window)}:${step === undefined ? "" : windowText(step)}]`;
}

/** The selected series as they were `window` ago. */
export const offset = <L extends string>(vector: Vector<L>, window: Window): Vector<L> =>
  vectorOf(`${operandText(vector)} offset ${windowText(window)}`);
