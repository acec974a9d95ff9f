/** Panels made of text: single numbers and tables. */
import type { StatPanel, TablePanel } from "../panel.ts";
import type { TableColumn } from "../query.ts";
import { neutral } from "../colour.ts";
import { stepOf } from "./cells.ts";
import { escaped } from "./html.ts";
import { numberText } from "./number-text.ts";
import { legendOf, type Labels, type Sampled } from "./sampled.ts";

/** The numbers at the end of the range; a dash where there is none. */
export function statHtml(
  { queries, steps, unit, decimals, showsName }: StatPanel,
  answers: readonly Sampled[],
): string {
  const shown = queries.flatMap(({ legend }, i) =>
    (answers[i] ?? []).map(({ labels, points }) => ({ name: legendOf(legend, labels), value: points.at(-1)?.[1] })),
  );
  if (shown.length === 0) return `<div class="stat"><b>–</b></div>`;
  const numbers = shown.map(({ name, value = Number.NaN }) => {
    const colour = stepOf(steps, value)?.colour ?? neutral;
    const heading = showsName ? `<i>${escaped(name)}</i>` : "";
    return `<span>${heading}<b style="color:${colour}">${escaped(numberText(value, unit, decimals))}</b></span>`;
  });
  return `<div class="stat">${numbers.join("")}</div>`;
}

const keyOf = (names: readonly string[], labels: Labels): string =>
  JSON.stringify(names.map((name) => labels[name] ?? ""));

function cellHtml({ unit, decimals, steps = [] }: TableColumn, value: number | undefined): string {
  if (value === undefined) return "<td>–</td>";
  const step = stepOf(steps, value);
  const style = step === undefined ? "" : ` style="color:${step.colour};font-weight:600"`;
  return `<td${style}>${escaped(step?.text ?? numberText(value, unit, decimals))}</td>`;
}

/** Rows of equal labels merged, as Grafana merges the answers. */
export function tableHtml({ labels, columns }: TablePanel, answers: readonly Sampled[]): string {
  const names = labels.map(({ label }) => label);
  const byKey = answers.map((answer) => new Map(answer.map((series) => [keyOf(names, series.labels), series])));
  const rows = new Map(answers.flat().map((series) => [keyOf(names, series.labels), series.labels]));
  const heading = (kind: string, titles: readonly { readonly title: string }[]): string =>
    titles.map(({ title }) => `<th class="${kind}">${escaped(title)}</th>`).join("");
  const head = heading("label", labels) + heading("number", columns);
  const body = [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, found]) => {
      const texts = labels.map(({ label, leadsTo }) => {
        const text = escaped(found[label] ?? "");
        return `<td class="label">${leadsTo === undefined ? text : `<u>${text}</u>`}</td>`;
      });
      const cells = columns.map((column, i) => cellHtml(column, byKey[i]?.get(key)?.points.at(-1)?.[1]));
      return `<tr>${[...texts, ...cells].join("")}</tr>`;
    });
  return `<table><tr>${head}</tr>${body.join("")}</table>`;
}
