import type { Vector } from "#promql";
import type { Colour } from "./colour.ts";
import type { Step } from "./step.ts";
import type { Unit } from "./unit.ts";

/** One query of a panel. */
export type Query = {
  /** PromQL with Grafana's variables in it. */
  readonly expression: string;
  /** Grafana's legend template, such as `{{objective}} p99`. */
  readonly legend: string;
  /** A bound is drawn dashed: what values are held against. */
  readonly role: "value" | "bound";
  /** Of every series of this query. */
  readonly colour?: Colour;
  /** Whether Grafana also asks for exemplars, the dots that lead to traces. */
  readonly hasExemplars: boolean;
};

/** What series are called: a fixed text, labels, or both. A label that the vector lacks does not compile. */
export type Legend<L extends string> = { readonly text?: string; readonly by?: readonly NoInfer<L>[] } | string;

function legendText(legend: Legend<string>): string {
  if (typeof legend === "string") return legend;
  const { by = [], text } = legend;
  return [...by.map((label) => `{{${label}}}`), ...(text === undefined ? [] : [text])].join(" ");
}

type Options = { readonly colour?: Colour; readonly hasExemplars?: boolean };

/** Series whose values are what the panel is about. */
export const value = <L extends string>({ text }: Vector<L>, legend: Legend<L>, options: Options = {}): Query => ({
  expression: text,
  legend: legendText(legend),
  role: "value",
  hasExemplars: false,
  ...options,
});

/** Series that values are held against: a target, a threshold, a limit. */
export const bound = <L extends string>(vector: Vector<L>, legend: Legend<L>, colour?: Colour): Query => ({
  ...value(vector, legend, colour === undefined ? {} : { colour }),
  role: "bound",
});

/** A column that shows a label. */
export type TableLabel = {
  readonly label: string;
  readonly title: string;
  /** The dashboard that the cell leads to, with this label and those before it as its variables. */
  readonly leadsTo?: { readonly uid: string };
};

/** A column that shows the value of a query. */
export type TableColumn = {
  readonly expression: string;
  readonly title: string;
  readonly unit: Unit;
  readonly decimals?: number;
  readonly steps?: readonly Step[];
};

type GivenColumn<L extends string> = Omit<TableColumn, "expression"> & { readonly vector: Vector<L> };

/**
 * Labels and columns of a table.
 * @param labels every vector must have them
 */
export const tableOf = <L extends string>(
  labels: readonly (TableLabel & { readonly label: L })[],
  columns: readonly GivenColumn<NoInfer<L>>[],
): { readonly labels: readonly TableLabel[]; readonly columns: readonly TableColumn[] } => ({
  labels,
  columns: columns.map(({ vector, ...column }) => ({ expression: vector.text, ...column })),
});
