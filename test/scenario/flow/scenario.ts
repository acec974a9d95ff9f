/** A scenario as the command runs it and the tests check it. */

/** What is promised of a figure. */
export type Bar = {
  readonly figure: string;
  readonly value: number | undefined;
  readonly wanted: string;
  readonly isMet: boolean;
};

/** A figure that is not known meets nothing. */
export const atLeast = (figure: string, value: number | undefined, least: number): Bar => ({
  figure,
  value,
  wanted: `≥ ${least}`,
  isMet: value !== undefined && value >= least,
});

export const atMost = (figure: string, value: number | undefined, most: number): Bar => ({
  figure,
  value,
  wanted: `≤ ${most}`,
  isMet: value !== undefined && value <= most,
});

export type Cell = string | number | undefined;

export type Table = { readonly head: readonly string[]; readonly rows: readonly (readonly Cell[])[] };

export type Played = {
  /** For `--json`. */
  readonly figures: unknown;
  readonly table: Table;
  readonly bars: readonly Bar[];
};

export type Scenario = { readonly name: string; readonly title: string; readonly play: () => Played };

/** One row a figure. */
export const figureTable = (figures: Readonly<Record<string, Cell>>): Table => ({
  head: ["figure", "value"],
  rows: Object.entries(figures),
});
