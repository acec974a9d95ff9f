import type { Cells } from "./arena.ts";
import type { Exemplar } from "./histogram.ts";

/** Counts up. */
export interface Counter {
  /** Adds `n`, by default 1. A negative, NaN or infinite `n` is ignored: a counter never falls. Whole numbers stay exact to 2^53. */
  add(n?: number): void;
}

/** Holds the last value. */
export interface Gauge {
  /** Replaces the value. NaN says that it is unknown: the series is left out until the next known value. */
  set(value: number): void;
  /** Adds `delta`, which may be negative. An unknown value stays unknown. */
  add(delta: number): void;
}

/** Counts values into buckets and sums them. */
export interface Histogram {
  /**
   * Counts `value` in the first bucket whose edge is not below it, so a value equal to an edge belongs to that edge.
   * +Infinity counts in the +Inf bucket and leaves the sum alone. Negative values and NaN are ignored.
   */
  observe(value: number): void;
  /**
   * Keeps the exemplar of a value that was observed before: one a bucket, the newest wins. Shown by OpenMetrics only.
   * Ignored where the value's bucket is empty, as it is after the edges changed.
   */
  attachExemplar(exemplar: Exemplar): void;
}

/**
 * A labelled series and, at the same time, the handle that updates it. Its cells are taken away when the series is
 * removed; a handle that somebody still holds then writes where nobody reads.
 */
abstract class Series {
  readonly labels: Readonly<Record<string, string>>;
  /** `a="x",b="y"` with values escaped; empty without labels. */
  readonly labelText: string;
  slab: Float64Array;
  offset: number;

  constructor(labels: Readonly<Record<string, string>>, labelText: string, cells: Cells) {
    this.labels = labels;
    this.labelText = labelText;
    this.slab = cells.slab;
    this.offset = cells.offset;
  }

  moveTo(cells: Cells): Cells {
    const left: Cells = { slab: this.slab, offset: this.offset };
    this.slab = cells.slab;
    this.offset = cells.offset;
    return left;
  }
}

export class CounterSeries extends Series implements Counter {
  add(n = 1): void {
    if (n >= 0 && n < Infinity) this.slab[this.offset]! += n;
  }
}

export class GaugeSeries extends Series implements Gauge {
  set(value: number): void {
    this.slab[this.offset] = value;
  }

  add(delta: number): void {
    this.slab[this.offset]! += delta;
  }
}

/** Cells: one count an edge, the count above the last edge, the sum. */
export const histogramCells = (edgeCount: number): number => edgeCount + 2;

/** Index of the first edge that is not below the value; the number of edges where there is none. */
function bucketOf(edges: Float64Array, value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (edges[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class HistogramSeries extends Series implements Histogram {
  edges: Float64Array;
  /** By bucket; undefined until there is one, so that a histogram without exemplars pays nothing for them. */
  exemplars: (Exemplar | undefined)[] | undefined;

  constructor(labels: Readonly<Record<string, string>>, labelText: string, cells: Cells, edges: Float64Array) {
    super(labels, labelText, cells);
    this.edges = edges;
  }

  observe(value: number): void {
    if (!(value >= 0)) return;
    const { edges, slab, offset } = this;
    slab[offset + bucketOf(edges, value)]! += 1;
    if (value < Infinity) slab[offset + edges.length + 1]! += value;
  }

  attachExemplar(exemplar: Exemplar): void {
    const { edges, slab, offset } = this;
    if (!(exemplar.value >= 0 && exemplar.value < Infinity)) return;
    const bucket = bucketOf(edges, exemplar.value);
    if (slab[offset + bucket] === 0) return;
    this.exemplars ??= Array.from({ length: edges.length + 1 });
    this.exemplars[bucket] = exemplar;
  }

  /** Takes new edges; exemplars of the old buckets go. */
  restartWith(edges: Float64Array): void {
    this.edges = edges;
    this.exemplars = undefined;
  }
}

export type AnySeries = CounterSeries | GaugeSeries | HistogramSeries;
