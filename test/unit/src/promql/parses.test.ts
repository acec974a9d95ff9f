import { describe, it } from "@jest/globals";
import fc from "fast-check";
import { allRecorded, allSpecs, type CounterSpec, type GaugeSpec, type HistogramSpec, type MetricSpec } from "#metrics";
import {
  absent,
  add,
  and,
  avgBy,
  bottomk,
  clampMax,
  countOf,
  delta,
  div,
  gt,
  increase,
  lteBool,
  maxBy,
  maxOverTime,
  minOverTime,
  mul,
  ne,
  offset,
  or,
  quantile,
  rate,
  ratio,
  series,
  sub,
  sumBy,
  unless,
  type Vector,
  type Window,
} from "#promql";
import { usageOf } from "../../../support/promql-usage.ts";

type AnyVector = Vector<string>;
const of = (type: MetricSpec["type"]) => allSpecs.filter((spec) => spec.type === type);

const windows = fc.oneof(
  fc.integer({ min: 1, max: 90 * 86_400_000 }),
  fc.constantFrom<Window>("5m", "$__rate_interval", "$__range"),
);
const text = fc.string({ unit: "grapheme", maxLength: 8 });
const matcher = fc.oneof(
  text,
  fc.array(text, { minLength: 1, maxLength: 3 }),
  fc.record({ not: text }),
  fc.constantFrom("$pool", undefined),
);
const counters = fc
  .record({ spec: fc.constantFrom(...(of("counter") as CounterSpec[])), pool: matcher })
  .map(({ spec, pool }) => series(spec, { pool }));
const gauges = fc
  .record({ spec: fc.constantFrom(...(of("gauge") as GaugeSpec[]), ...allRecorded), objective: matcher })
  .map(({ spec, objective }) => series(spec as GaugeSpec, { objective }));
const histograms = fc.constantFrom(...(of("histogram") as HistogramSpec[])).map((spec) => series(spec));
const labels = fc.uniqueArray(fc.constantFrom<string>("pool", "objective", "instance"), { maxLength: 3 });
const numbers = fc.double({ noDefaultInfinity: false });

const { vector } = fc.letrec<{ vector: AnyVector }>((tie) => {
  const inner = tie("vector");
  const pairs = fc.tuple(inner, inner, labels);
  return {
    vector: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc
        .tuple(fc.constantFrom(rate, increase), counters, windows)
        .map(([of, counter, window]): AnyVector => of(counter, window)),
      fc.tuple(gauges, windows).map(([gauge, window]): AnyVector => delta(gauge, window)),
      histograms.map((histogram): AnyVector => rate(countOf(histogram), "5m")),
      fc
        .tuple(fc.double({ min: 0, max: 1, noNaN: true }), histograms, labels)
        .map(([q, histogram, by]): AnyVector => quantile(q, histogram, { window: "5m", by })),
      fc.tuple(fc.constantFrom(sumBy, maxBy, avgBy), labels, inner).map(([of, by, v]): AnyVector => of(by, v)),
      fc.tuple(fc.constantFrom(maxOverTime, minOverTime), inner, windows).map(([of, v, w]): AnyVector => of(v, w)),
      fc
        .tuple(fc.constantFrom(add, sub, mul, div, gt, ne, lteBool), inner, numbers)
        .map(([of, v, n]): AnyVector => of(v, n)),
      fc.tuple(fc.constantFrom(sub, gt, div), numbers, inner).map(([of, n, v]): AnyVector => of(n, v)),
      fc
        .tuple(fc.constantFrom(add, div, gt), pairs)
        .map(([of, [a, b, on]]): AnyVector => of(a, b, { on, groupLeft: ["pool"] })),
      fc.tuple(fc.constantFrom(and, or, unless), pairs).map(([of, [a, b, on]]): AnyVector => of(a, b, { on })),
      pairs.map(([a, b]): AnyVector => ratio(a, b)),
      inner.map((v) => absent(v) as AnyVector),
      fc.tuple(counters, windows).map(([counter, window]): AnyVector => offset(rate(counter, "5m"), window)),
      fc.tuple(fc.integer({ min: 1, max: 9 }), inner).map(([n, v]): AnyVector => bottomk(n, clampMax(v, n))),
    ),
  };
});

describe("every expression that can be built", () => {
  it("is PromQL", () => {
    fc.assert(
      fc.property(vector, (built) => {
        const { errors } = usageOf(built.text);
        if (errors.length > 0) throw new Error(errors.join("\n"));
      }),
      { numRuns: 300 },
    );
  });
});
