import { describe, expect, it } from "@jest/globals";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { allDashboards } from "../../../../dashboards/all-dashboards.ts";
import { renderConfigMaps } from "../../../../dashboards/grafana/config-map.ts";
import { renderDashboard } from "../../../../dashboards/grafana/render.ts";
import { refId } from "../../../../dashboards/grafana/source.ts";
import { stableJson } from "../../../../dashboards/grafana/text.ts";
import { annotations } from "../../../../dashboards/annotation.ts";
import { answers, graph, stat, table, timeline, type Dashboard, type Panel } from "../../../../dashboards/panel.ts";
import { bound, tableOf, value } from "../../../../dashboards/query.ts";
import { objectiveMetrics } from "#metrics";
import { maxBy, series } from "#promql";

const target = maxBy(["pool", "objective"], series(objectiveMetrics.targetRatio));
const common = { title: "T", description: answers("Shows.", "Normal.", "Act."), unit: "ratio" } as const;
const dashboardOf = (panels: readonly Panel[], isCollapsed = false): Dashboard => ({
  name: "test",
  uid: "test-uid",
  title: "Test",
  description: "d",
  variables: ["pool", "quantile"],
  from: "now-1h",
  rows: [{ title: "Row", isCollapsed, panels }],
});
const model = z.looseObject({
  panels: z.array(z.looseObject({ panels: z.array(z.unknown()).optional() })),
  templating: z.object({ list: z.array(z.looseObject({ name: z.string(), query: z.unknown() })) }),
});
const rendered = (panels: readonly Panel[], isCollapsed = false) =>
  model.parse(JSON.parse(renderDashboard(dashboardOf(panels, isCollapsed))));
const only = (panel: Panel): unknown => rendered([panel]).panels[1];

describe("a rendered panel", () => {
  it("has a bound dashed and out of the stack, and a query's own colour", () => {
    const queries = [value(target, "v", { colour: "#010203" }), bound(target, { by: ["objective"], text: "target" })];
    expect(only(graph({ ...common, isStacked: true, queries }))).toMatchObject({
      targets: [
        { refId: "A", legendFormat: "v", range: true },
        { refId: "B", legendFormat: "{{objective}} target" },
      ],
      fieldConfig: {
        defaults: { unit: "percentunit", custom: { stacking: { mode: "normal" } } },
        overrides: expect.arrayContaining([
          {
            matcher: { id: "byFrameRefID", options: "A" },
            properties: [{ id: "color", value: { mode: "fixed", fixedColor: "#010203" } }],
          },
          {
            matcher: { id: "byFrameRefID", options: "B" },
            properties: expect.arrayContaining([{ id: "custom.stacking", value: { mode: "none", group: "bounds" } }]),
          },
        ]),
      },
    });
  });

  it("asks for one instant where it shows one number, and for exemplars only where told", () => {
    expect(only(stat({ ...common, queries: [value(target, "v")] }))).toMatchObject({
      targets: [{ instant: true, range: false }],
    });
    const withExemplars = graph({
      ...common,
      queries: [value(target, "v", { hasExemplars: true }), value(target, "w")],
    });
    expect(only(withExemplars)).toMatchObject({
      targets: [{ exemplar: true }, expect.not.objectContaining({ exemplar: true })],
    });
  });

  it("of a table has its columns in order, in their own units, and links with the labels before", () => {
    const panel = table({
      ...common,
      ...tableOf(
        [
          { label: "pool", title: "Pool" },
          { label: "objective", title: "Objective", leadsTo: { uid: "there-uid" } },
        ],
        [{ title: "Target", vector: target, unit: "seconds", decimals: 2 }],
      ),
    });
    expect(only(panel)).toMatchObject({
      targets: [{ format: "table", instant: true }],
      transformations: [
        { id: "merge" },
        {
          id: "organize",
          options: { excludeByName: { Time: true }, indexByName: { pool: 0, objective: 1, "Value #A": 2 } },
        },
      ],
    });
    expect(JSON.stringify(only(panel))).toContain("/d/there-uid?");
    expect(JSON.stringify(only(panel))).toContain('var-pool=${__data.fields[\\"pool\\"]}&var-objective=');
  });

  it("of a timeline has a word for each step, up to the next one", () => {
    const steps = [
      { from: undefined, colour: "#000001", text: "low" },
      { from: 1, colour: "#000002", text: "high" },
    ] as const;
    expect(only(timeline({ ...common, queries: [value(target, "v")], steps }))).toMatchObject({
      fieldConfig: {
        defaults: {
          thresholds: {
            steps: [
              { value: null, color: "#000001" },
              { value: 1, color: "#000002" },
            ],
          },
          mappings: [
            { type: "range", options: { from: null, to: 1 - 1e-9, result: { text: "low" } } },
            { type: "range", options: { from: 1, to: null, result: { text: "high" } } },
          ],
        },
      },
    });
  });

  it("is inside its row where the row is folded", () => {
    const { panels } = rendered([stat({ ...common, queries: [] })], true);
    expect(panels.map((panel) => panel.panels?.length)).toEqual([1]);
  });
});

describe("a rendered dashboard", () => {
  it("has the runbook's address in one place", () => {
    const panel = stat({ ...common, queries: [], runbook: ["AttainPickerDown"] });
    const text = renderDashboard(dashboardOf([panel]), { runbookUrl: "https://wiki.example/r" });
    expect(text.match(/https:\/\/wiki\.example\/r/g)).toHaveLength(1);
    expect(text).toContain('"url": "${runbook:raw}#attainpickerdown"');
  });

  it("has its variables in order, and All of namespaces matches series without one", () => {
    const { list } = rendered([]).templating;
    expect(list.map(({ name }) => name)).toEqual(["datasource", "namespace", "pool", "quantile", "runbook"]);
    expect(list[1]).toMatchObject({ allValue: ".*", includeAll: true, multi: true });
  });

  it("marks alerts and reloads, in sight", () => {
    const { annotations: marks } = z
      .looseObject({ annotations: z.object({ list: z.array(z.looseObject({ name: z.string() })) }) })
      .parse(JSON.parse(renderDashboard(dashboardOf([]))));
    expect(marks.list.map(({ name }) => name)).toEqual(annotations.map(({ name }) => name));
    expect(JSON.stringify(marks)).not.toContain("placement");
  });

  it("is the same again, with keys in order", () => {
    for (const dashboard of allDashboards) {
      const text = renderDashboard(dashboard);
      expect(renderDashboard(dashboard)).toBe(text);
      expect(stableJson(JSON.parse(text))).toBe(text);
    }
  });
});

it("ConfigMaps carry the dashboards, each below what kubectl can annotate", () => {
  const maps = parseAllDocuments(renderConfigMaps(allDashboards, { runbookUrl: "r" })).map((document) =>
    z
      .object({
        kind: z.literal("ConfigMap"),
        metadata: z.looseObject({ name: z.string() }),
        data: z.record(z.string(), z.string()),
      })
      .loose()
      .parse(document.toJS()),
  );
  expect(maps.map(({ metadata }) => metadata.name)).toEqual(allDashboards.map(({ uid }) => uid));
  for (const [i, { data }] of maps.entries()) {
    expect(data).toEqual({
      [`${allDashboards[i]!.name}.json`]: renderDashboard(allDashboards[i]!, { runbookUrl: "r" }),
    });
    expect(JSON.stringify(data).length).toBeLessThan(262_144);
  }
});

it.each([
  [0, "A"],
  [25, "Z"],
  [26, "AA"],
  [53, "BB"],
])("query %i is %s", (index, want) => expect(refId(index)).toBe(want));
