/** What the scrape adds to every series; may stand in matchers and groupings of any metric. */
export type TargetLabel = "job" | "instance" | "namespace" | "pod" | "cluster";

/** A PromQL expression: what a rule, a panel or an HPA takes. */
export type Expression = {
  /** One line of PromQL, the same for the same expression. */
  readonly text: string;
  /** How its operands bind; an operator puts a binary one in parentheses. */
  readonly form: "operand" | "binary";
};

/** An instant vector whose series have at least the labels `L`. */
export type Vector<L extends string = never> = Expression & {
  readonly kind: "vector";
  /** Of selectors: what a range may be taken of. */
  readonly selector?: SeriesType;
  /** Never set: carries `L`, so that a vector with more labels stands where fewer are asked for. */
  readonly labels?: (label: L) => void;
};

/** A single number without labels. */
export type Scalar = Expression & { readonly kind: "scalar" };

/** What a selected series holds; `rate` and `increase` take counters only. */
export type SeriesType = "counter" | "gauge" | "histogram" | "recorded";

/** The series of one metric. Of a histogram it names the family: take `bucketsOf`, `countOf`, `sumOf` or `quantile` of it. */
export type Selector<T extends SeriesType, L extends string> = (T extends "histogram"
  ? { readonly kind: "histogram" }
  : Vector<L>) & {
  readonly selector: T;
  readonly name: string;
  /** Between the braces; empty without matchers. */
  readonly matchers: string;
  readonly labels?: (label: L) => void;
};

/** An instant vector from finished text. */
export const vectorOf = <L extends string>(text: string, form: Expression["form"] = "operand"): Vector<L> => ({
  kind: "vector",
  text,
  form,
});

/** The expression as an operand of a binary operator or of a range. */
export const operandText = ({ text, form }: Expression): string => (form === "binary" ? `(${text})` : text);

/** A number as PromQL reads it. */
export function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "Inf" : "-Inf";
}
