import { unreachable } from "#errors";
import { layOut, type PlacedRow } from "../layout.ts";
import type { Dashboard, Panel, VariableName } from "../panel.ts";
import type { AnsweredDashboard, AnsweredPanel, AnsweredRow } from "./page.ts";
import type { Grid, Sampled } from "./sampled.ts";
import { substitute, type Substitution } from "./substitute.ts";

/** Whom the previewer asks. */
export type Source = {
  over(expression: string, grid: Grid): Promise<Sampled>;
  atTheEnd(expression: string, grid: Grid): Promise<Sampled>;
};
/** What is shown of a dashboard: a stretch of time, the values of its variables, and what Grafana would put in. */
export type View = {
  readonly grid: Grid;
  readonly values: Readonly<Partial<Record<VariableName, readonly string[]>>>;
  readonly quantile: string;
  readonly substitution: Omit<Substitution, "variables">;
};

const pattern = (values: readonly string[]): string =>
  values.map((value) => value.replaceAll(/[.+*?()|[\]{}^$\\]/g, "\\\\$&")).join("|");

const substitutionOf = (
  { values, quantile, substitution }: View,
  one: Readonly<Record<string, string>> = {},
): Substitution => ({
  ...substitution,
  variables: {
    ...Object.fromEntries(Object.entries(values).map(([name, all]) => [name, pattern(all)])),
    quantile,
    ...Object.fromEntries(Object.entries(one).map(([name, value]) => [name, pattern([value])])),
  },
});

async function answersTo(
  panel: Panel,
  source: Source,
  view: View,
  substitution: Substitution,
): Promise<readonly Sampled[]> {
  const put = ({ expression }: { readonly expression: string }): string => substitute(expression, substitution);
  switch (panel.kind) {
    case "stat":
      return Promise.all(panel.queries.map((query) => source.atTheEnd(put(query), view.grid)));
    case "table":
      return Promise.all(panel.columns.map((column) => source.atTheEnd(put(column), view.grid)));
    case "graph":
    case "heatmap":
    case "matrix":
    case "timeline":
      return Promise.all(panel.queries.map((query) => source.over(put(query), view.grid)));
    default:
      return unreachable(panel);
  }
}

/** A row once, or once for each value of the variable that it repeats for. */
function copiesOf({ row }: PlacedRow, { values }: View): readonly Readonly<Record<string, string>>[] {
  if (row.repeats === undefined) return [{}];
  const { repeats } = row;
  return (values[repeats] ?? []).map((value) => ({ [repeats]: value }));
}

/** Asks everything that a dashboard shows. Rows that are folded away are opened, repeated ones repeated. */
export async function answered(dashboard: Dashboard, source: Source, view: View): Promise<AnsweredDashboard> {
  const rows: AnsweredRow[] = [];
  let y = 0;
  for (const placed of layOut(dashboard)) {
    for (const copy of copiesOf(placed, view)) {
      const substitution = substitutionOf(view, copy);
      const panels: AnsweredPanel[] = [];
      for (const { panel, place } of placed.panels) {
        const answers = await answersTo(panel, source, view, substitution);
        panels.push({ panel, answers, place: { ...place, y: place.y - placed.place.y + y } });
      }
      rows.push({ title: substitute(placed.row.title, { ...substitution, variables: copy }), y, panels });
      y = Math.max(...panels.map(({ place }) => place.y + place.h));
    }
  }
  const choices = Object.entries(view.values).map(([name, all]) => `${name}: ${all.join(", ")}`);
  return { title: dashboard.title, choices, grid: view.grid, rows };
}
