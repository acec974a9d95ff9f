/** Panels made of cells over time: heat maps, matrices, state timelines. */
import type { Colour } from "../colour.ts";
import type { HeatmapPanel, MatrixPanel, TimelinePanel } from "../panel.ts";
import type { Step } from "../step.ts";
import { escaped } from "./html.ts";
import { numberText } from "./number-text.ts";
import { instantsOf, legendOf, onGrid, type Grid, type Sampled } from "./sampled.ts";
import { clockText, timeTicks } from "./ticks.ts";

/** In pixels. */
export type Size = { readonly width: number; readonly height: number };
type CellRow = { readonly name: string; readonly colours: readonly (string | undefined)[] };

const narrowest = 60;
const characterWidth = 6.8;
/** Half as wide as `23:59`. */
const halfTime = 17;
const bottom = 18;
const darkest = [11, 61, 131] as const;

/** White to dark blue; the root keeps small values in sight. */
const shade = (share: number): string => {
  const amount = Math.sqrt(Math.min(Math.max(share, 0), 1));
  return `rgb(${darkest.map((channel) => Math.round(240 + (channel - 240) * amount)).join(",")})`;
};

/** Rows from top to bottom, cells from left to right; cells of one colour side by side are one rectangle. */
function cellsSvg(rows: readonly CellRow[], grid: Grid, { width, height }: Size): string {
  const longest = Math.max(0, ...rows.map(({ name }) => name.length));
  const left = Math.max(narrowest, Math.ceil(longest * characterWidth) + 8);
  const plot = { width: width - left, height: height - bottom };
  const columns = instantsOf(grid).length;
  const rowHeight = plot.height / Math.max(rows.length, 1);
  const each = Math.ceil(rows.length / Math.max(1, Math.floor(plot.height / 13)));
  const x = (column: number): number => left + (column / columns) * plot.width;
  const parts = rows.flatMap(({ name, colours }, row) => {
    const y = row * rowHeight;
    const rects: string[] = [];
    for (let start = 0; start < colours.length;) {
      let end = start + 1;
      while (end < colours.length && colours[end] === colours[start]) end += 1;
      if (colours[start] !== undefined) {
        rects.push(
          `<rect x="${x(start).toFixed(1)}" y="${(y + 0.5).toFixed(1)}" width="${(x(end) - x(start)).toFixed(1)}" height="${Math.max(rowHeight - 1, 0.5).toFixed(1)}" fill="${colours[start]}"/>`,
        );
      }
      start = end;
    }
    const label = `<text x="${left - 6}" y="${(y + rowHeight / 2 + 4).toFixed(1)}" text-anchor="end">${escaped(name)}</text>`;
    return (rows.length - 1 - row) % each === 0 ? [...rects, label] : rects;
  });
  const span = grid.toSeconds - grid.fromSeconds;
  const times = timeTicks(grid.fromSeconds, grid.toSeconds, 6).map((at) => {
    const center = left + ((at - grid.fromSeconds) / span) * plot.width;
    return `<text x="${Math.min(center, width - halfTime).toFixed(1)}" y="${height - 4}" text-anchor="middle">${clockText(at)}</text>`;
  });
  return `<svg width="${width}" height="${height}">${[...parts, ...times].join("")}</svg>`;
}

/** A heat map: the lowest bucket at the bottom; each bucket without those below it. */
export function heatmapSvg({ unit }: HeatmapPanel, [answer = []]: readonly Sampled[], grid: Grid, size: Size): string {
  const cumulative = answer
    .map((series) => ({ edge: Number(series.labels["le"]?.replace("+Inf", "Infinity")), values: onGrid(series, grid) }))
    .sort((a, b) => a.edge - b.edge);
  const counts = cumulative.map(({ edge, values }, i) => ({
    edge,
    counts: values.map((value, at) => Math.max(0, (value ?? 0) - (cumulative[i - 1]?.values[at] ?? 0))),
  }));
  const filled = counts.map(({ counts }) => counts.some((count) => count > 1e-9));
  const shown = counts.slice(Math.max(0, filled.indexOf(true) - 1), filled.lastIndexOf(true) + 2);
  const most = Math.max(1e-9, ...shown.flatMap(({ counts }) => counts));
  const rows = shown.toReversed().map(({ edge, counts }) => ({
    name: edge === Infinity ? "∞" : numberText(edge, unit),
    colours: counts.map((count) => (count > 1e-9 ? shade(count / most) : undefined)),
  }));
  return cellsSvg(rows, grid, size);
}

const rowsOf = (
  { queries: [query] }: MatrixPanel | TimelinePanel,
  [answer = []]: readonly Sampled[],
  grid: Grid,
  colourOf: (value: number) => string,
): readonly CellRow[] =>
  answer
    .map((series) => ({
      name: legendOf(query.legend, series.labels),
      colours: onGrid(series, grid).map((value) => (value === null ? undefined : colourOf(value))),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

/** A matrix: a row a series, darker is more. */
export function matrixSvg(panel: MatrixPanel, answers: readonly Sampled[], grid: Grid, size: Size): string {
  const values = (answers[0] ?? []).flatMap((series) => onGrid(series, grid).map((value) => value ?? 0));
  const most = Math.max(1e-9, ...values);
  return cellsSvg(
    rowsOf(panel, answers, grid, (value) => shade(value / most)),
    grid,
    size,
  );
}

/** The step that a value has reached. */
export const stepOf = (steps: readonly Step[], value: number): Step | undefined =>
  steps.findLast(({ from }) => from === undefined || value >= from);

/** A timeline: a row a series, its state as colour. */
export const timelineSvg = (panel: TimelinePanel, answers: readonly Sampled[], grid: Grid, size: Size): string =>
  cellsSvg(
    rowsOf(panel, answers, grid, (value): Colour => stepOf(panel.steps, value)?.colour ?? "#cccccc"),
    grid,
    size,
  );
