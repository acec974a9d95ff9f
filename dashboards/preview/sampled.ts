import type { Seconds } from "#units";

export type Labels = Readonly<Record<string, string>>;

/** One series of an answer of Prometheus. */
export type SampledSeries = {
  readonly labels: Labels;
  /** Instants since the Unix epoch, and values; a missing sample is left out, NaN is kept. */
  readonly points: readonly (readonly [Seconds, number])[];
};

/** The answer to one query of a panel. */
export type Sampled = readonly SampledSeries[];

/** The instants that a range was asked for. */
export type Grid = { readonly fromSeconds: Seconds; readonly toSeconds: Seconds; readonly stepSeconds: Seconds };

/** Every instant of the grid. */
export const instantsOf = ({ fromSeconds, toSeconds, stepSeconds }: Grid): readonly Seconds[] =>
  Array.from(
    { length: Math.floor((toSeconds - fromSeconds) / stepSeconds + 1e-6) + 1 },
    (_, i) => fromSeconds + i * stepSeconds,
  );

/** Values on the grid; null where there is none, or no number. */
export function onGrid({ points }: SampledSeries, grid: Grid): readonly (number | null)[] {
  const values: (number | null)[] = instantsOf(grid).map(() => null);
  for (const [at, value] of points) {
    const index = Math.round((at - grid.fromSeconds) / grid.stepSeconds);
    if (index >= 0 && index < values.length && Number.isFinite(value)) values[index] = value;
  }
  return values;
}

/** Grafana's legend template with the labels put in. */
export const legendOf = (template: string, labels: Labels): string =>
  template.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (_match, name: string) => labels[name] ?? "");
