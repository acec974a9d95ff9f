import { unreachable } from "#errors";
import type { Colour } from "../colour.ts";
import { gridWidth, type PlacedPanel } from "../layout.ts";
import type { Panel } from "../panel.ts";
import { heatmapSvg, matrixSvg, timelineSvg, type Size } from "./cells.ts";
import { statHtml, tableHtml } from "./figures.ts";
import { chartOf, type Chart } from "./graph.ts";
import { escaped } from "./html.ts";
import type { Grid, Sampled } from "./sampled.ts";
import { colourBook } from "./series-colour.ts";

/** A panel with the answers to its queries, in their order. */
export type AnsweredPanel = {
  readonly panel: Panel;
  readonly place: PlacedPanel["place"];
  readonly answers: readonly Sampled[];
};
/** A row, opened, with its heading as the reader sees it. */
export type AnsweredRow = { readonly title: string; readonly y: number; readonly panels: readonly AnsweredPanel[] };
/** A dashboard with everything that its page shows. */
export type AnsweredDashboard = {
  readonly title: string;
  /** What is chosen, such as `Pool demo`. */
  readonly choices: readonly string[];
  readonly grid: Grid;
  readonly rows: readonly AnsweredRow[];
};
/** uPlot as text: the script that defines it, and its style sheet. */
export type ChartLibrary = { readonly script: string; readonly style: string };
/** A page, and how large it is drawn. */
export type Page = { readonly html: string; readonly size: Size };

const pixels = { column: 52, row: 36, gap: 8, heading: 22, legend: 18, top: 44, margin: 8 };

const style = `
body { margin: 0; background: #f4f5f5; font: 12px "DejaVu Sans", sans-serif; color: #24292e; }
header { padding: 12px 16px; font-size: 15px; font-weight: 600; } header span { font-size: 12px; font-weight: 400; margin-left: 14px; color: #5a6270; }
main { position: absolute; left: ${pixels.margin}px; top: ${pixels.top}px; }
h2 { position: absolute; white-space: nowrap; margin: 0; font-size: 13px; padding: 10px 4px; font-weight: 600; }
section { position: absolute; background: #fff; border: 1px solid #d9dce0; border-radius: 3px; overflow: hidden; box-sizing: border-box; }
h3 { margin: 0; padding: 4px 8px 0; font-size: 12px; font-weight: 600; height: ${pixels.heading - 4}px; white-space: nowrap; }
.legend { height: ${pixels.legend}px; overflow: hidden; padding: 0 8px; white-space: nowrap; font-size: 11px; }
.legend span { margin-right: 12px; } .legend i { display: inline-block; width: 14px; border-top: 3px solid; margin-right: 4px; vertical-align: middle; } .legend i.bound { border-top-style: dashed; border-top-width: 2px; }
.stat { display: flex; justify-content: center; align-items: center; gap: 12px; height: calc(100% - ${pixels.heading + 8}px); } .stat span { text-align: center; } .stat i { display: block; font-style: normal; font-size: 12px; } .stat b { font-size: 23px; font-weight: 600; }
table { border-collapse: collapse; width: 100%; font-size: 12px; margin-top: 4px; } th, td { padding: 5px 7px; text-align: right; border-bottom: 1px solid #eceef0; white-space: nowrap; } th { color: #5a6270; } td.label, th.label { text-align: left; } td u { color: #1f60c4; text-decoration: none; }
svg text { font: 11px "DejaVu Sans", sans-serif; fill: #5a6270; }
.none { display: flex; align-items: center; justify-content: center; height: calc(100% - 40px); color: #8e8e8e; }
`;

/** Draws the charts once the library is there: what is said in data becomes uPlot's options. */
const drawing = `
for (const { id, width, height, chart } of charts) {
  const axis = ({ at, text }, more) => ({ splits: () => at, values: () => text, stroke: "#5a6270", font: '11px "DejaVu Sans"', grid: { stroke: "#eceef0", width: 1 }, ticks: { show: false }, ...more });
  const series = chart.lines.map(({ colour, isBound, isFilled }) => ({ stroke: colour, width: isFilled ? 1 : isBound ? 1.5 : 2, points: { show: false }, ...(isBound ? { dash: [7, 5] } : {}), ...(isFilled ? { fill: colour + "b0" } : {}) }));
  new uPlot({ width, height, legend: { show: false }, cursor: { show: false },
    scales: { x: { time: false, range: [chart.x.least, chart.x.most] }, y: { range: [chart.y.least, chart.y.most], distr: chart.y.isLog ? 3 : 1 } },
    axes: [axis(chart.x, { size: 22, gap: 2 }), axis(chart.y, { size: 66 })], series: [{}, ...series], bands: chart.bands.map((pair) => ({ series: pair })) }, chart.data, document.getElementById(id));
}
`;

const legendHtml = ({ legend }: Chart): string =>
  `<div class="legend">${legend
    .map(
      ({ name, colour, isBound }) =>
        `<span><i class="${isBound ? "bound" : ""}" style="border-color:${colour}"></i>${escaped(name)}</span>`,
    )
    .join("")}</div>`;

const boxOf = ({ x, y, w, h }: PlacedPanel["place"]) => ({
  left: x * pixels.column,
  top: y * pixels.row,
  width: w * pixels.column - pixels.gap,
  height: h * pixels.row - pixels.gap,
});

/** A page of charts that are drawn when it is opened. */
class PageWriter {
  readonly charts: object[] = [];
  readonly #colourOf: (name: string) => Colour = colourBook();
  readonly #grid: Grid;

  constructor(grid: Grid) {
    this.#grid = grid;
  }

  panel({ panel, place, answers }: AnsweredPanel): string {
    const { left, top, width, height } = boxOf(place);
    const size = { width: width - 12, height: height - pixels.heading - 8 };
    const isEmpty = panel.kind !== "stat" && answers.every((answer) => answer.length === 0);
    const body = isEmpty ? `<div class="none">No data</div>` : this.#body(panel, answers, size);
    return `<section style="left:${left}px;top:${top}px;width:${width}px;height:${height}px"><h3>${escaped(panel.title)}</h3>${body}</section>`;
  }

  #body(panel: Panel, answers: readonly Sampled[], size: Size): string {
    switch (panel.kind) {
      case "graph":
        return this.#chart(chartOf(panel, answers, this.#grid, this.#colourOf), size);
      case "stat":
        return statHtml(panel, answers);
      case "table":
        return tableHtml(panel, answers);
      case "heatmap":
        return heatmapSvg(panel, answers, this.#grid, size);
      case "matrix":
        return matrixSvg(panel, answers, this.#grid, size);
      case "timeline":
        return timelineSvg(panel, answers, this.#grid, size);
      default:
        return unreachable(panel);
    }
  }

  #chart(chart: Chart, { width, height }: Size): string {
    const id = `chart-${this.charts.length}`;
    this.charts.push({ id, width, height: height - pixels.legend, chart });
    return `<div id="${id}"></div>${legendHtml(chart)}`;
  }
}

/** The dashboard as a page of its own, everything in it, as near to Grafana as a picture needs. */
export function pageOf({ title, choices, grid, rows }: AnsweredDashboard, library: ChartLibrary): Page {
  const writer = new PageWriter(grid);
  const parts = rows.flatMap((row) => [
    `<h2 style="top:${row.y * pixels.row}px">${escaped(row.title)}</h2>`,
    ...row.panels.map((panel) => writer.panel(panel)),
  ]);
  const lowest = Math.max(0, ...rows.flatMap(({ panels }) => panels.map(({ place }) => place.y + place.h)));
  const chosen = choices.map((choice) => `<span>${escaped(choice)}</span>`).join("");
  const data = JSON.stringify(writer.charts).replaceAll("<", "\\u003c");
  return {
    html: `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title><style>${library.style}${style}</style></head><body><header>${escaped(title)}${chosen}</header><main>${parts.join("\n")}</main><script>${library.script}</script><script>const charts = ${data};${drawing}</script></body></html>\n`,
    size: {
      width: gridWidth * pixels.column + 2 * pixels.margin - pixels.gap,
      height: pixels.top + lowest * pixels.row + pixels.margin,
    },
  };
}
