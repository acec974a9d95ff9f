/** What one metric of a view is: the field's name, and how its value comes out of ours. */
import type { HistogramSnapshot, MetricRegistry, ViewedSeries } from "#metrics";
import type { Endpoint, PoolSnapshot } from "#pool";
import type { Milliseconds } from "#units";

/** Where a view reads. */
export type CompatSource = {
  readonly registry: MetricRegistry;
  /** Name of the pool. */
  readonly pool: string;
  readonly snapshot: () => PoolSnapshot;
  readonly now: () => Milliseconds;
  /** Age from which an endpoint's metrics are stale. */
  readonly staleAfterMs: Milliseconds;
};

/** One reading: everything a scrape looks up more than once. */
export type Reading = Omit<CompatSource, "snapshot" | "now"> & {
  readonly snapshot: PoolSnapshot;
  readonly nowMs: Milliseconds;
  /** By objective. Counts of an objective that was removed have none: under another one they would look like a burst. */
  readonly priorities: ReadonlyMap<string, string>;
};

export type Viewed = { readonly edges?: Float64Array; readonly series: readonly ViewedSeries[] };

/** One metric of the field, as a view of ours. */
export type CompatMetric = {
  /** Without the prefix that all of them have. */
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly unit: "seconds" | "none";
  readonly help: string;
  /** In the order in which they are written. */
  readonly labels: readonly string[];
  /** Our metrics that it reads, for the documentation. */
  readonly from: string;
  /** How it differs from the field's own; undefined where it does not. */
  readonly differs: string | undefined;
  readonly read: (reading: Reading) => Viewed;
};

export const single = (labels: Readonly<Record<string, string>>, value: number): ViewedSeries => ({
  labels,
  cells: Float64Array.of(value),
});

export const endpointsById = ({ snapshot }: Pick<Reading, "snapshot">): ReadonlyMap<string, Endpoint> =>
  new Map(snapshot.endpoints.map((endpoint) => [endpoint.id, endpoint]));

/** A histogram's cells: the count of each bucket alone, then the sum. */
export const cellsOf = ({ counts, sum }: HistogramSnapshot): Float64Array => Float64Array.of(...counts, sum);
