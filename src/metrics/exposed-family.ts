import { CodedError } from "#errors";
import type { Exemplar } from "./histogram.ts";
import { escapeLabelValue } from "./label-text.ts";
import type { MetricSpec } from "./spec.ts";

/** One series as the exposition writers read it. */
export type ExposedSeries = {
  /** `a="x",b="y"` with values escaped; empty without labels. */
  readonly labelText: string;
  readonly slab: Float64Array;
  /** Where in the slab: the value, or of a histogram the count of each bucket and then the sum. */
  readonly offset: number;
  /** By bucket of a histogram. */
  readonly exemplars?: readonly (Exemplar | undefined)[] | undefined;
};

/** One family as the exposition writers read it: of the registry itself, or of a view over it. */
export type ExposedFamily = {
  readonly spec: Pick<MetricSpec, "name" | "help" | "type" | "unit">;
  /** Of a histogram; empty otherwise. */
  readonly edges: Float64Array;
  /** In the order of their label text. */
  readonly series: readonly ExposedSeries[];
};

/** One series of a view: a number, or of a histogram the count of each bucket alone and then the sum. */
export type ViewedSeries = { readonly labels: Readonly<Record<string, string>>; readonly cells: Float64Array };

/** A family of a view under a name of its own, which the house's naming rules do not bind. `labels` in the order in which they are written. */
export type ViewedFamily = {
  readonly spec: ExposedFamily["spec"] & { readonly labels: readonly string[] };
  readonly edges?: Float64Array;
  readonly series: readonly ViewedSeries[];
};

/** Other names for values that the registry holds, computed when somebody renders. */
export type MetricView = () => readonly ViewedFamily[];

const textOf = (names: readonly string[], labels: Readonly<Record<string, string>>): string =>
  names
    .flatMap((name) =>
      labels[name] === undefined ? [] : [`${name}="${escapeLabelValue(labels[name].toWellFormed())}"`],
    )
    .join(",");

/** Series of equal labels are added up, cell by cell, as a view with fewer labels than its source needs it. */
export function exposedView({ spec, edges = new Float64Array(), series }: ViewedFamily): ExposedFamily {
  const byText = new Map<string, ExposedSeries>();
  for (const { labels, cells } of series) {
    const labelText = textOf(spec.labels, labels);
    const known = byText.get(labelText);
    if (known === undefined) byText.set(labelText, { labelText, slab: Float64Array.from(cells), offset: 0 });
    else if (known.slab.length === cells.length) cells.forEach((value, i) => (known.slab[i]! += value));
    else throw new CodedError({ code: "METRIC_VIEW", metric: spec.name }, `${spec.name}: series of different edges`);
  }
  const sorted = [...byText.values()].sort((a, b) => (a.labelText < b.labelText ? -1 : 1));
  return { spec, edges, series: sorted };
}

/** The families as they are now: later updates, removals and new edges do not show in them. */
export function frozen(families: readonly ExposedFamily[]): readonly ExposedFamily[] {
  const copies = new Map<Float64Array, Float64Array>();
  const copyOf = (slab: Float64Array): Float64Array => {
    let copy = copies.get(slab);
    if (copy === undefined) copies.set(slab, (copy = slab.slice()));
    return copy;
  };
  return families.map(({ spec, edges, series }) => ({
    spec,
    edges,
    series: series.map(({ labelText, slab, offset, exemplars }) => ({
      labelText,
      slab: copyOf(slab),
      offset,
      exemplars: exemplars && [...exemplars],
    })),
  }));
}
