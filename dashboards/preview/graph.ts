import type { Colour } from "../colour.ts";
import type { GraphPanel } from "../panel.ts";
import { numberText } from "./number-text.ts";
import { instantsOf, legendOf, onGrid, type Grid, type Sampled } from "./sampled.ts";
import { clockText, linearTicks, logTicks, timeTicks } from "./ticks.ts";

type Cell = number | null;
type Line = {
  readonly name: string;
  readonly colour: Colour;
  readonly isBound: boolean;
  readonly values: readonly Cell[];
};

/** What uPlot draws: lines from back to front, axes with their texts. */
export type Chart = {
  readonly data: readonly (readonly Cell[])[];
  readonly lines: readonly {
    readonly name: string;
    readonly colour: Colour;
    readonly isBound: boolean;
    readonly isFilled: boolean;
  }[];
  /** Pairs of lines between which the first one's colour is filled in. */
  readonly bands: readonly (readonly [number, number])[];
  readonly y: Axis & { readonly least: number; readonly most: number; readonly isLog: boolean };
  readonly x: Axis & { readonly least: number; readonly most: number };
  readonly legend: readonly { readonly name: string; readonly colour: Colour; readonly isBound: boolean }[];
};
type Axis = { readonly at: readonly number[]; readonly text: readonly string[] };

function linesOf(
  panel: GraphPanel,
  answers: readonly Sampled[],
  grid: Grid,
  colourOf: (name: string) => Colour,
): Line[] {
  return panel.queries.flatMap(({ legend, role, colour }, i) =>
    (answers[i] ?? []).map((series): Line => {
      const name = legendOf(legend, series.labels);
      return {
        name,
        colour: colour ?? panel.colours?.[name] ?? colourOf(name),
        isBound: role === "bound",
        values: onGrid(series, grid),
      };
    }),
  );
}

/** Each line on top of those before it; the last one is the sum. A gap in one of them counts as 0 while others go on. */
function stacked(lines: readonly Line[]): readonly Line[] {
  const sums: Cell[] = (lines[0]?.values ?? []).map((_, i) =>
    lines.some(({ values }) => values[i] !== null) ? 0 : null,
  );
  return lines.map((line) => {
    for (const [i, value] of line.values.entries()) if (sums[i] !== null) sums[i] = sums[i]! + (value ?? 0);
    return { ...line, values: [...sums] };
  });
}

function bounds({ least, most, scale }: GraphPanel, lines: readonly Line[]): readonly [number, number] {
  const values = lines.flatMap(({ values }) => values).filter((value): value is number => value !== null);
  if (scale === "log") {
    const positive = values.filter((value) => value > 0);
    const exponents = positive.length === 0 ? [0, 1] : positive.map(Math.log10);
    return [10 ** Math.floor(Math.min(...exponents)), 10 ** Math.ceil(Math.max(...exponents) + 1e-9)];
  }
  const low = least ?? Math.min(...values);
  const high = most ?? Math.max(...values);
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  const room = high > low ? (high - low) * 0.06 : Math.abs(high) * 0.1 || 1;
  return [least ?? low - room, most === undefined ? high + room : most + room / 4];
}

/** The picture of a graph. */
export function chartOf(
  panel: GraphPanel,
  answers: readonly Sampled[],
  grid: Grid,
  colourOf: (name: string) => Colour,
): Chart {
  const all = linesOf(panel, answers, grid, colourOf);
  // As in Grafana: members of a closed set that stay 0 are not named.
  const isNamed = ({ values, isBound }: Line): boolean =>
    isBound || !panel.isStacked || values.some((value) => value !== null && value !== 0);
  const own = all.filter(({ isBound }) => !isBound);
  const limits = all.filter(({ isBound }) => isBound);
  // The top of the stack comes first: it is drawn behind the others.
  const drawn = [...(panel.isStacked ? stacked(own).toReversed() : own), ...limits];
  const [least, most] = bounds(panel, drawn);
  const yAt =
    panel.scale === "log"
      ? logTicks(least, most)
      : linearTicks(least, most, { count: 4, base: panel.unit === "bytes" ? 2 : 10 });
  const xAt = timeTicks(grid.fromSeconds, grid.toSeconds, 6);
  return {
    data: [instantsOf(grid), ...drawn.map(({ values }) => values)],
    lines: drawn.map(({ name, colour, isBound }) => ({ name, colour, isBound, isFilled: panel.isStacked && !isBound })),
    bands: panel.isStacked ? own.slice(1).map((_, i) => [i + 1, i + 2] as const) : [],
    y: { least, most, isLog: panel.scale === "log", at: yAt, text: yAt.map((at) => numberText(at, panel.unit)) },
    x: { least: grid.fromSeconds, most: grid.toSeconds, at: xAt, text: xAt.map(clockText) },
    legend: all.filter(isNamed).map(({ name, colour, isBound }) => ({ name, colour, isBound })),
  };
}
