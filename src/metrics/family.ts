import { CodedError } from "#errors";
import type { Arena } from "./arena.ts";
import { areEdges } from "./edges.ts";
import type { HistogramSnapshot } from "./histogram.ts";
import { labelTextOf } from "./label-text.ts";
import { type AnySeries, CounterSeries, GaugeSeries, HistogramSeries, histogramCells } from "./series.ts";
import type { MetricSpec } from "./spec.ts";

type LabelValues = Readonly<Record<string, string>>;

const legalName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const legalLabel = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;

const specError = (spec: MetricSpec, problem: string): CodedError<{ code: "METRIC_SPEC"; metric: string }> =>
  new CodedError({ code: "METRIC_SPEC", metric: spec.name }, `${spec.name}: ${problem}`);

function checkSpec(spec: MetricSpec): void {
  if (!legalName.test(spec.name)) throw specError(spec, "not a metric name");
  if (new Set(spec.labels).size < spec.labels.length) throw specError(spec, "a label is named twice");
  for (const label of spec.labels) {
    if (!legalLabel.test(label) || (label === "le" && spec.type === "histogram")) {
      throw specError(spec, `${label} is not a label name`);
    }
  }
  if (spec.type === "histogram" && !areEdges(spec.edges)) {
    throw specError(spec, "edges must be finite, at least 0 and ascending, and there must be one");
  }
}

/** Index of the first series whose label text is not below the given one. */
function placeOf(sorted: readonly AnySeries[], labelText: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]!.labelText < labelText) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** All series of one spec. */
export class Family {
  readonly spec: MetricSpec;
  /** Of a histogram; empty otherwise. */
  edges: Float64Array;
  readonly #arena: Arena;
  readonly #maxSeries: number;
  readonly #byLabelText = new Map<string, AnySeries>();
  /** In the order of their label text; kept so with each change, since sorting thousands at once would hold up requests. */
  #sorted: AnySeries[] = [];

  /** Throws METRIC_SPEC when the spec cannot be exposed. */
  constructor(spec: MetricSpec, arena: Arena, maxSeries: number) {
    checkSpec(spec);
    this.spec = spec;
    this.edges = Float64Array.from(spec.type === "histogram" ? spec.edges : []);
    this.#arena = arena;
    this.#maxSeries = maxSeries;
  }

  /** Series in the order of their label text, whatever the order in which they were made. */
  get series(): readonly AnySeries[] {
    return this.#sorted;
  }

  /** The series of exactly these labels, made at 0 where there is none. Throws METRIC_LABELS, METRIC_SERIES_LIMIT. */
  child(labels: LabelValues): AnySeries {
    const labelText = labelTextOf(this.spec, labels);
    const existing = this.#byLabelText.get(labelText);
    if (existing !== undefined) return existing;
    if (this.#byLabelText.size >= this.#maxSeries) {
      throw new CodedError(
        { code: "METRIC_SERIES_LIMIT", metric: this.spec.name, limit: this.#maxSeries },
        `${this.spec.name}: more than ${this.#maxSeries} series; label values must come from configured objects`,
      );
    }
    const series = this.#make({ ...labels }, labelText);
    this.#byLabelText.set(labelText, series);
    this.#sorted.splice(placeOf(this.#sorted, labelText), 0, series);
    return series;
  }

  /** The series whose labels agree with those given; every one when none is given. */
  matching(labels: Readonly<Record<string, string | undefined>>): readonly AnySeries[] {
    const names = Object.keys(labels);
    if (names.length > 0 && names.length === this.spec.labels.length) {
      const exact = this.#byLabelText.get(labelTextOf(this.spec, labels));
      return exact === undefined ? [] : [exact];
    }
    return this.series.filter((series) => names.every((name) => series.labels[name] === labels[name]));
  }

  remove(labels: Readonly<Record<string, string | undefined>>): number {
    const removed = [...this.matching(labels)];
    for (const series of removed) {
      this.#byLabelText.delete(series.labelText);
      this.#arena.release(series.moveTo({ slab: new Float64Array(this.#cells), offset: 0 }), this.#cells);
    }
    if (removed.length > 0) this.#sorted = this.#sorted.filter((series) => this.#byLabelText.has(series.labelText));
    return removed.length;
  }

  /** Takes new edges and starts every child at 0, unless the edges are those it has. */
  restartWith(edges: Float64Array): boolean {
    if (!areEdges(edges)) throw specError(this.spec, "edges must be finite and at least 0");
    if (edges.length === this.edges.length && edges.every((edge, i) => edge === this.edges[i])) return false;
    const before = this.#cells;
    this.edges = edges;
    for (const series of this.#byLabelText.values()) {
      if (!(series instanceof HistogramSeries)) continue;
      this.#arena.release(series.moveTo(this.#arena.allocate(this.#cells)), before);
      series.restartWith(edges);
    }
    return true;
  }

  get #cells(): number {
    return this.spec.type === "histogram" ? histogramCells(this.edges.length) : 1;
  }

  #make(labels: LabelValues, labelText: string): AnySeries {
    const cells = this.#arena.allocate(this.#cells);
    if (this.spec.type === "histogram") return new HistogramSeries(labels, labelText, cells, this.edges);
    return this.spec.type === "counter"
      ? new CounterSeries(labels, labelText, cells)
      : new GaugeSeries(labels, labelText, cells);
  }
}

/** The histograms of one family added up. */
export function addedUp(edges: Float64Array, series: readonly AnySeries[]): HistogramSnapshot {
  const counts: number[] = Array.from({ length: edges.length + 1 }, () => 0);
  let sum = 0;
  for (const { slab, offset } of series) {
    for (let i = 0; i <= edges.length; i++) counts[i]! += slab[offset + i]!;
    sum += slab[offset + edges.length + 1]!;
  }
  return { edges: [...edges], counts, sum, count: counts.reduce((total, count) => total + count, 0) };
}
