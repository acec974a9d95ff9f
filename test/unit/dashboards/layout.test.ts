import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { allDashboards } from "../../../dashboards/all-dashboards.ts";
import { renderDashboard } from "../../../dashboards/grafana/render.ts";
import { gridWidth, layOut } from "../../../dashboards/layout.ts";
import { answers, graph, stat, type Dashboard, type Panel } from "../../../dashboards/panel.ts";
import { alertNames } from "../../../alerts/alert-name.ts";
import { grafanaDashboard, layoutProblems, panelsOf } from "./layout-rules.ts";

const rendered = allDashboards.map((dashboard) => ({
  name: dashboard.name,
  dashboard: grafanaDashboard.parse(JSON.parse(renderDashboard(dashboard))),
}));
const uids = new Set(rendered.map(({ dashboard }) => dashboard.uid));

describe.each(rendered)("the layout of $name", ({ dashboard }) => {
  it("keeps the rules", () => {
    expect(layoutProblems(dashboard)).toEqual([]);
  });

  it("leads to every other dashboard with the time range and the variables", () => {
    expect(dashboard.tags).toContain("attain");
    expect(dashboard.links).toContainEqual(
      expect.objectContaining({ type: "dashboards", tags: ["attain"], keepTime: true, includeVars: true }),
    );
  });

  it("leads to alerts that there are, and to dashboards that there are", () => {
    const anchors = panelsOf(dashboard).flatMap(({ links }) => links.map(({ url }) => url));
    const sections = new Set(alertNames.map((name) => `\${runbook:raw}#${name.toLowerCase()}`));
    expect(anchors.filter((anchor) => anchor === undefined || !sections.has(anchor))).toEqual([]);
    const targets = [...JSON.stringify(dashboard).matchAll(/"\/d\/([\w-]+)/g)].map(([, uid]) => uid!);
    expect(targets.filter((uid) => !uids.has(uid))).toEqual([]);
  });

  it("uses no variable that it does not have", () => {
    const own = new Set([
      ...dashboard.templating.list.map(({ name }) => name),
      "__rate_interval",
      "__interval",
      "__range",
    ]);
    const used = panelsOf(dashboard).flatMap(({ targets }) =>
      targets.flatMap(({ expr }) => [...expr.matchAll(/\$(\w+)/g)].map(([, name]) => name!)),
    );
    expect(new Set(used.filter((name) => !own.has(name)))).toEqual(new Set());
  });
});

it("the linter sees what is wrong", () => {
  const good = rendered[0]!.dashboard;
  const broken = structuredClone(good);
  const [first, second] = panelsOf(broken);
  second!.gridPos = { ...first!.gridPos };
  second!.id = first!.id;
  second!.description = "A panel.";
  first!.gridPos.w = 30;
  expect(layoutProblems(good)).toEqual([]);
  expect(layoutProblems(broken)).toEqual(
    expect.arrayContaining([
      `${first!.title} overlaps ${second!.title}`,
      `id ${first!.id} occurs twice`,
      `${first!.title} is outside the grid`,
      `${second!.title} does not say what it shows, what is normal and what to do`,
    ]),
  );
});

const panelOf = (title: string, width: number, height: number): Panel =>
  stat({ title, width, height, description: answers("a", "b", "c"), unit: "count", queries: [] });
const dashboardOf = (rows: Dashboard["rows"]): Dashboard => ({
  name: "test",
  uid: "test-uid",
  title: "",
  description: "",
  variables: [],
  from: "now-1h",
  rows,
});

describe("layOut", () => {
  it("never lets panels overlap or leave the grid", () => {
    const sizes = fc.array(fc.tuple(fc.integer({ min: 1, max: gridWidth }), fc.integer({ min: 1, max: 9 })), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(fc.array(sizes, { maxLength: 4 }), (rows) => {
        const placed = layOut(
          dashboardOf(
            rows.map((row, r) => ({
              title: `row ${r}`,
              isCollapsed: false,
              panels: row.map(([w, h], p) => panelOf(`panel ${r} ${p}`, w, h)),
            })),
          ),
        ).flatMap(({ place, panels }) => [place, ...panels.map((panel) => panel.place)]);
        for (const [i, a] of placed.entries()) {
          expect(a.x + a.w).toBeLessThanOrEqual(gridWidth);
          for (const b of placed.slice(i + 1)) {
            expect(a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h).toBe(false);
          }
        }
      }),
    );
  });

  it("keeps a panel's id when other panels come before it", () => {
    const idOf = (titles: readonly string[]): number =>
      layOut(
        dashboardOf([{ title: "r", isCollapsed: false, panels: titles.map((title) => panelOf(title, 6, 4)) }]),
      )[0]!.panels.at(-1)!.id;
    expect(idOf(["new", "other", "kept"])).toBe(idOf(["kept"]));
  });

  it("refuses two panels of one title", () => {
    const twice = [panelOf("same", 6, 4), panelOf("same", 6, 4)];
    expect(() => layOut(dashboardOf([{ title: "r", isCollapsed: false, panels: twice }]))).toThrow(/same id/);
  });

  it("lets a folded row take one line", () => {
    const rows = [true, false].map((isCollapsed) =>
      layOut(
        dashboardOf([
          { title: "a", isCollapsed, panels: [panelOf("p", 24, 8)] },
          { title: "b", isCollapsed: false, panels: [] },
        ]),
      ).map(({ place }) => place.y),
    );
    expect(rows).toEqual([
      [0, 1],
      [0, 9],
    ]);
  });
});

it("a graph says what it is without being told", () => {
  const panel = graph({ title: "t", description: answers("a", "b", "c"), unit: "ratio", queries: [] });
  expect(panel).toMatchObject({ kind: "graph", isStacked: false, scale: "linear", width: 12, height: 8 });
});
