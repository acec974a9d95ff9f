import { describe, expect, it } from "@jest/globals";
import { constantVector } from "#promql";
import {
  answers,
  graph,
  heatmap,
  matrix,
  stack,
  stat,
  table,
  timeline,
  type Panel,
} from "../../../../dashboards/panel.ts";
import { heatmapSvg, matrixSvg, stepOf, timelineSvg } from "../../../../dashboards/preview/cells.ts";
import { statHtml, tableHtml } from "../../../../dashboards/preview/figures.ts";
import { chartOf } from "../../../../dashboards/preview/graph.ts";
import { pageOf } from "../../../../dashboards/preview/page.ts";
import type { Sampled, SampledSeries } from "../../../../dashboards/preview/sampled.ts";
import { colourBook } from "../../../../dashboards/preview/series-colour.ts";
import { bound, value } from "../../../../dashboards/query.ts";

const grid = { fromSeconds: 0, toSeconds: 10, stepSeconds: 5 };
const size = { width: 400, height: 200 };
const one = constantVector(1);
const common = { title: "T", description: answers("a", "b", "c"), unit: "count" } as const;

const seriesOf = (
  labels: Readonly<Record<string, string>>,
  values: readonly (number | undefined)[],
): SampledSeries => ({
  labels,
  points: values.flatMap((value, i) => (value === undefined ? [] : [[i * 5, value] as const])),
});
const named = (name: string, ...values: readonly (number | undefined)[]): SampledSeries => seriesOf({ name }, values);
const byName = { ...value(one, ""), legend: "{{name}}" };
const chart = (panel: Parameters<typeof chartOf>[0], ...given: readonly Sampled[]) =>
  chartOf(panel, given, grid, colourBook());

describe("a graph", () => {
  it("stacks from the bottom, draws the top first, and names what is not always 0", () => {
    const panel = stack({ ...common, queries: [byName], colours: { b: "#0000bb" } });
    const drawn = chart(panel, [
      named("a", 1, 2, undefined),
      named("b", 10, undefined, undefined),
      named("idle", 0, 0, 0),
    ]);
    expect(drawn.data).toEqual([
      [0, 5, 10],
      [11, 2, 0],
      [11, 2, 0],
      [1, 2, 0],
    ]);
    expect(drawn.lines.map(({ name, isFilled }) => [name, isFilled])).toEqual([
      ["idle", true],
      ["b", true],
      ["a", true],
    ]);
    expect(drawn.bands).toEqual([
      [1, 2],
      [2, 3],
    ]);
    expect(drawn.legend.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(drawn.legend[1]?.colour).toBe("#0000bb");
  });

  it("keeps a gap where nothing is known", () => {
    const panel = stack({ ...common, queries: [byName] });
    expect(chart(panel, [named("a", 1, undefined, 3)]).data[1]).toEqual([1, null, 3]);
  });

  it("draws bounds beside the stack", () => {
    const panel = stack({ ...common, queries: [byName, { ...bound(one, ""), legend: "limit" }] });
    const drawn = chart(panel, [named("a", 1, 1, 1)], [named("", 5, 5, 5)]);
    expect(drawn.lines.map(({ name, isBound, isFilled }) => [name, isBound, isFilled])).toEqual([
      ["a", false, true],
      ["limit", true, false],
    ]);
    expect(drawn.y.most).toBeGreaterThan(5);
  });

  it.each([
    {
      name: "whole decades on a log scale",
      panel: graph({ ...common, scale: "log", queries: [byName] }),
      values: [0, 0.2, 14],
      want: [0.1, 100],
    },
    {
      name: "what it was told",
      panel: graph({ ...common, least: 0, most: 1, queries: [byName] }),
      values: [0.5, 0.6, 0.7],
      want: [0, 1],
    },
    { name: "something, without values", panel: graph({ ...common, queries: [byName] }), values: [], want: [0, 1] },
    {
      name: "room around a flat line",
      panel: graph({ ...common, queries: [byName] }),
      values: [10, 10, 10],
      want: [9, 11],
    },
  ])("has an axis of $name", ({ panel, values, want }) => {
    const { y } = chart(panel, [named("a", ...values)]);
    expect(y.least).toBeCloseTo(want[0]!, 6);
    expect(Math.abs(y.most - want[1]!)).toBeLessThan(0.1);
  });
});

describe("cells", () => {
  const rects = (svg: string): readonly string[] => [...svg.matchAll(/fill="([^"]+)"/g)].map(([, fill]) => fill!);

  it("of a heat map are what each bucket has beyond the one below it", () => {
    const panel = heatmap({ ...common, unit: "seconds", queries: [byName] });
    const buckets = [
      seriesOf({ le: "+Inf" }, [4, 4, 4]),
      seriesOf({ le: "0.1" }, [0, 0, 0]),
      seriesOf({ le: "1.0" }, [4, 4, 4]),
    ];
    const svg = heatmapSvg(panel, [buckets], grid, size);
    expect(rects(svg)).toHaveLength(1);
    expect(svg).toContain("1 s");
  });

  it("of a matrix are a row a series, by name", () => {
    const svg = matrixSvg(
      matrix({ ...common, queries: [byName] }),
      [[named("z", 1, 2, 3), named("a<b", 3, 3, 3)]],
      grid,
      size,
    );
    expect(svg.indexOf("a&lt;b")).toBeLessThan(svg.indexOf(">z<"));
    expect(rects(svg)).toHaveLength(4);
  });

  it("of a timeline have the colour of the step that was reached", () => {
    const steps = [
      { from: undefined, colour: "#000001" },
      { from: 1, colour: "#000002" },
    ] as const;
    const svg = timelineSvg(
      timeline({ ...common, queries: [byName], steps }),
      [[named("a", 0.5, 1, undefined)]],
      grid,
      size,
    );
    expect(rects(svg)).toEqual(["#000001", "#000002"]);
    expect([-5, 0.99, 1, 7].map((at) => stepOf(steps, at)?.colour)).toEqual([
      "#000001",
      "#000001",
      "#000002",
      "#000002",
    ]);
  });
});

describe("figures", () => {
  it("show the newest value, or a dash", () => {
    const panel = stat({ ...common, showsName: true, queries: [byName] });
    expect(statHtml(panel, [[named("chat", 1, 2, 42)]])).toMatch(/chat.*42/);
    expect(statHtml(panel, [[]])).toContain("–");
  });

  it("merge the columns of a table by its labels", () => {
    const panel = table({
      ...common,
      labels: [{ label: "name", title: "Name" }],
      columns: [
        { title: "A", expression: "", unit: "count" },
        { title: "B", expression: "", unit: "count", steps: [{ from: undefined, colour: "#000001", text: "<low>" }] },
      ],
    });
    const html = tableHtml(panel, [[named("y", 1), named("x", 2)], [named("y", 3)]]);
    const cells = [...html.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(([, text]) => text);
    expect(cells).toEqual(["x", "2", "–", "y", "1", "&lt;low&gt;"]);
  });
});

describe("the page", () => {
  const library = { script: "/* script */", style: "/* style */" };
  const placed = (panel: Panel, given: readonly Sampled[], y = 1) => ({
    panel,
    answers: given,
    place: { x: 0, y, w: 12, h: 8 },
  });
  const page = (...panels: readonly ReturnType<typeof placed>[]) =>
    pageOf({ title: "A & B", choices: ["pool: <p>"], grid, rows: [{ title: "Row", y: 0, panels }] }, library);

  it("holds everything, escaped, and the charts as data that parses", () => {
    const panel = graph({ ...common, title: "</script>", queries: [byName] });
    const { html } = page(placed(panel, [[named("</script><b>", 1, 2, 3)]]));
    expect(html).toContain("A &amp; B");
    expect(html).toContain("pool: &lt;p&gt;");
    expect(html.match(/<\/script>/g)).toHaveLength(2);
    const [, data = ""] = /const charts = (.*);\n/.exec(html) ?? [];
    expect(JSON.parse(data)).toMatchObject([
      {
        chart: {
          data: [
            [0, 5, 10],
            [1, 2, 3],
          ],
        },
      },
    ]);
  });

  it("says where there is no data, and grows with what is on it", () => {
    const empty = placed(graph({ ...common, queries: [byName] }), [[]]);
    expect(page(empty).html).toContain("No data");
    expect(page(empty, { ...empty, place: { ...empty.place, y: 50 } }).size.height).toBeGreaterThan(
      page(empty).size.height,
    );
  });
});

it("a name keeps its colour, and ten names have ten", () => {
  const colourOf = colourBook();
  const names = Array.from({ length: 10 }, (_, i) => `n${i}`);
  expect(new Set(names.map(colourOf)).size).toBe(10);
  expect(names.map(colourOf)).toEqual(names.map(colourOf));
});
