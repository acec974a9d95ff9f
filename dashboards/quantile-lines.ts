import type { Vector } from "#promql";
import type { Ratio } from "#units";
import { quantileColours } from "./colour.ts";
import { value, type Query } from "./query.ts";

const quantiles = [
  ["p50", 0.5],
  ["p90", 0.9],
  ["p99", 0.99],
] as const satisfies readonly (readonly [string, Ratio])[];

/** The median, the 90th and the 99th percentile in their colours. */
export const quantileLines = (
  at: (q: Ratio) => Vector,
  { hasExemplars = false }: { readonly hasExemplars?: boolean } = {},
): readonly Query[] =>
  quantiles.map(([label, q]) => value(at(q), label, { colour: quantileColours[label], hasExemplars }));
