import { CodedError } from "#errors";
import { Arena } from "./arena.ts";
import { unionEdges } from "./edges.ts";
import { addedUp, Family } from "./family.ts";
import { exposedView, type ExposedFamily, type MetricView } from "./exposed-family.ts";
import type { HistogramSnapshot } from "./histogram.ts";
import type { AnySeries, Counter, Gauge, Histogram } from "./series.ts";
import type {
  ClosedValues,
  CounterSpec,
  GaugeSpec,
  HistogramSpec,
  LabelArguments,
  LabelNames,
  LabelsOf,
  MetricSpec,
} from "./spec.ts";

/** Some labels of a spec; a series matches when it agrees with all that are given. */
export type SomeLabels<N extends LabelNames, V extends ClosedValues> = Partial<LabelsOf<N, V>>;
/** One series of a counter or gauge as read. */
export type SeriesValue<N extends LabelNames, V extends ClosedValues> = {
  readonly labels: LabelsOf<N, V>;
  readonly value: number;
};
/** One series of a histogram as read. */
export type SeriesHistogram<N extends LabelNames, V extends ClosedValues> = {
  readonly labels: LabelsOf<N, V>;
  readonly histogram: HistogramSnapshot;
};
/** Called before a rendering to set what is cheaper to read once than to keep in step. */
export type Collector = () => void | Promise<void>;

/**
 * The metrics of one process: handles to write with, values to read, families to expose.
 * A handle is made once for each set of labels and kept by its user: an update through it costs nanoseconds and
 * allocates nothing. A series exists, at 0, from the making of its handle.
 * Errors: METRIC_CONFLICT (two specs with one name), METRIC_SPEC (a spec that cannot be exposed), METRIC_LABELS
 * (labels that are not the spec's), METRIC_SERIES_LIMIT (more series in a family than `maxSeriesPerFamily`).
 */
export class MetricRegistry {
  readonly #arena = new Arena();
  readonly #families = new Map<string, Family>();
  readonly #collectors = new Set<Collector>();
  readonly #views = new Set<MetricView>();
  readonly #maxSeriesPerFamily: number;
  #collecting: Promise<void> | undefined;

  constructor(options: { readonly maxSeriesPerFamily?: number } = {}) {
    this.#maxSeriesPerFamily = options.maxSeriesPerFamily ?? 10_000;
  }

  /** The counter of these labels; the same handle each time. */
  counter<N extends LabelNames, V extends ClosedValues>(
    spec: CounterSpec<N, V>,
    ...[labels]: LabelArguments<N, V>
  ): Counter {
    return this.#family(spec).child(labels ?? {}) as AnySeries & Counter;
  }

  /** The gauge of these labels; the same handle each time. */
  gauge<N extends LabelNames, V extends ClosedValues>(spec: GaugeSpec<N, V>, ...[labels]: LabelArguments<N, V>): Gauge {
    return this.#family(spec).child(labels ?? {}) as AnySeries & Gauge;
  }

  /** The histogram of these labels; the same handle each time. */
  histogram<N extends LabelNames, V extends ClosedValues>(
    spec: HistogramSpec<N, V>,
    ...[labels]: LabelArguments<N, V>
  ): Histogram {
    return this.#family(spec).child(labels ?? {}) as AnySeries & Histogram;
  }

  /**
   * Removes the series of an object that went away: those that agree with `labels`. Handles to them stay harmless.
   * @returns how many series went
   */
  remove<S extends MetricSpec>(spec: S, labels: Partial<Readonly<Record<S["labels"][number], string>>>): number {
    return this.#known(spec)?.remove(labels) ?? 0;
  }

  /**
   * Makes each of `edges` an exact bucket edge of the family, beside the spec's own and instead of those added before.
   * When that changes the family's edges, all of its histograms restart at 0, which readers see as a counter reset.
   * @param edges in the spec's unit, in any order, finite and at least 0
   * @returns whether the edges changed
   */
  setEdges(spec: HistogramSpec, edges: readonly number[]): boolean {
    return this.#family(spec).restartWith(unionEdges(spec.edges, edges));
  }

  /**
   * Calls `collector` before each rendering, in the order of registration.
   * @returns a function that takes it out again
   */
  onCollect(collector: Collector): () => void {
    this.#collectors.add(collector);
    return () => void this.#collectors.delete(collector);
  }

  /** Runs the collectors. Calls during a run share it. Rejects with what a collector throws. */
  collect(): Promise<void> {
    this.#collecting ??= this.#runCollectors().finally(() => {
      this.#collecting = undefined;
    });
    return this.#collecting;
  }

  /** The sum over the series that agree with `labels`; undefined when there is none, or none that is known. */
  value<N extends LabelNames, V extends ClosedValues>(
    spec: CounterSpec<N, V> | GaugeSpec<N, V>,
    labels: SomeLabels<N, V> = {},
  ): number | undefined {
    let sum: number | undefined;
    for (const { value } of this.values(spec, labels)) sum = (sum ?? 0) + value;
    return sum;
  }

  /** The series that agree with `labels` and whose value is known, in the order of the exposition. */
  values<N extends LabelNames, V extends ClosedValues>(
    spec: CounterSpec<N, V> | GaugeSpec<N, V>,
    labels: SomeLabels<N, V> = {},
  ): readonly SeriesValue<N, V>[] {
    const found: SeriesValue<N, V>[] = [];
    for (const series of this.#known(spec)?.matching(labels) ?? []) {
      const value = series.slab[series.offset]!;
      if (!Number.isNaN(value)) found.push({ labels: series.labels as LabelsOf<N, V>, value });
    }
    return found;
  }

  /** The histograms that agree with `labels`, added up; undefined when there is none. */
  histogramOf<N extends LabelNames, V extends ClosedValues>(
    spec: HistogramSpec<N, V>,
    labels: SomeLabels<N, V> = {},
  ): HistogramSnapshot | undefined {
    const family = this.#known(spec);
    const series = family?.matching(labels) ?? [];
    return family === undefined || series.length === 0 ? undefined : addedUp(family.edges, series);
  }

  /** Each histogram that agrees with `labels` by itself, in the order of the exposition. */
  histograms<N extends LabelNames, V extends ClosedValues>(
    spec: HistogramSpec<N, V>,
    labels: SomeLabels<N, V> = {},
  ): readonly SeriesHistogram<N, V>[] {
    const family = this.#known(spec);
    return (family?.matching(labels) ?? []).map((series) => ({
      labels: series.labels as LabelsOf<N, V>,
      histogram: addedUp(family!.edges, [series]),
    }));
  }

  /**
   * Exposes other names for values that the registry holds, beside its own families.
   * @returns a function that takes the view out again
   */
  addView(view: MetricView): () => void {
    this.#views.add(view);
    return () => void this.#views.delete(view);
  }

  /** Every family, those of the views included, in the order of its name, for the exposition writers. */
  families(): readonly ExposedFamily[] {
    const viewed = [...this.#views].flatMap((view) => view().map(exposedView));
    return [...this.#families.values(), ...viewed].sort((a, b) => (a.spec.name < b.spec.name ? -1 : 1));
  }

  async #runCollectors(): Promise<void> {
    for (const collector of this.#collectors) await collector();
  }

  #known(spec: MetricSpec): Family | undefined {
    const family = this.#families.get(spec.name);
    if (family !== undefined && family.spec !== spec) {
      throw new CodedError(
        { code: "METRIC_CONFLICT", metric: spec.name },
        `${spec.name}: another spec of this name is in use; a name has one spec`,
      );
    }
    return family;
  }

  #family(spec: MetricSpec): Family {
    const known = this.#known(spec);
    if (known !== undefined) return known;
    const family = new Family(spec, this.#arena, this.#maxSeriesPerFamily);
    this.#families.set(spec.name, family);
    return family;
  }
}
