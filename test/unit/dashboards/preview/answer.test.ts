import { expect, it } from "@jest/globals";
import { constantVector } from "#promql";
import { answers, graph, stat, type Dashboard } from "../../../../dashboards/panel.ts";
import { answered, type View } from "../../../../dashboards/preview/answer.ts";
import type { Sampled } from "../../../../dashboards/preview/sampled.ts";
import { value } from "../../../../dashboards/query.ts";

const panel = { description: answers("a", "b", "c"), unit: "count" } as const;
const query = { ...value(constantVector(1), ""), expression: 'x{objective=~"$objective",pool=~"$pool"}[$__range]' };
const dashboard: Dashboard = {
  name: "test",
  uid: "test-uid",
  title: "Test",
  description: "",
  variables: ["pool", "objective"],
  from: "now-1h",
  rows: [
    { title: "All", isCollapsed: false, panels: [stat({ ...panel, title: "s", queries: [query] })] },
    {
      title: "$objective",
      isCollapsed: true,
      repeats: "objective",
      panels: [graph({ ...panel, title: "g", queries: [query] })],
    },
  ],
};
const view: View = {
  grid: { fromSeconds: 0, toSeconds: 60, stepSeconds: 5 },
  values: { pool: ["p"], objective: ["a.b", "c"] },
  quantile: "0.99",
  substitution: { rangeMs: 60_000, intervalMs: 5000, rateIntervalMs: 20_000 },
};

it("opens folded rows, repeats rows for each value, and asks each panel in its own way", async () => {
  const asked: string[] = [];
  const ask =
    (how: string) =>
    (expression: string): Promise<Sampled> => {
      asked.push(`${how} ${expression}`);
      return Promise.resolve([]);
    };
  const source = { over: ask("over"), atTheEnd: ask("end") };
  const { rows, choices } = await answered(dashboard, source, view);
  expect(rows.map(({ title, y }) => [title, y])).toEqual([
    ["All", 0],
    ["a.b", 5],
    ["c", 14],
  ]);
  expect(asked).toEqual([
    'end x{objective=~"a\\\\.b|c",pool=~"p"}[1m]',
    'over x{objective=~"a\\\\.b",pool=~"p"}[1m]',
    'over x{objective=~"c",pool=~"p"}[1m]',
  ]);
  expect(choices).toEqual(["pool: p", "objective: a.b, c"]);
});
