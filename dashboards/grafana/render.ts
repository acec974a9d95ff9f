import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  RowBuilder,
  type AnnotationQuery,
  type DashboardLink,
  type Panel as GrafanaPanel,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { annotations } from "../annotation.ts";
import { layOut, type PlacedPanel } from "../layout.ts";
import type { Dashboard, Panel } from "../panel.ts";
import { grafanaUnits } from "../unit.ts";
import { defaultRenderOptions, type RenderOptions } from "./options.ts";
import { kindOf } from "./panels.ts";
import { source, tag } from "./source.ts";
import { targetsOf } from "./targets.ts";
import { descriptionText, stableJson } from "./text.ts";
import { variablesOf } from "./variables.ts";

/** Grafana would fold away into a menu what has a placement, as the library gives to all. */
function inSight<T extends { placement?: unknown }>(one: T): T {
  const shown = { ...one };
  delete shown.placement;
  return shown;
}
const built = <T>(one: T): Builder<T> => ({ build: () => one });

const runbookLink = (alert: string): DashboardLink =>
  inSight(
    new DashboardLinkBuilder(`Runbook: ${alert}`)
      .type(DashboardLinkType.Link)
      .url(`\${runbook:raw}#${alert.toLowerCase()}`)
      .targetBlank(true)
      .build(),
  );

/** What all kinds of panels have, around what {@link kindOf} made. */
function finished({ panel, id, place }: PlacedPanel): Builder<GrafanaPanel> {
  const particular = kindOf(panel).build();
  const { fieldConfig } = particular;
  const whole: GrafanaPanel = {
    ...particular,
    id,
    title: panel.title,
    description: descriptionText(panel.description),
    gridPos: place,
    datasource: source,
    targets: targetsOf(panel).map((query) => query.build()),
    links: (panel.runbook ?? []).map(runbookLink),
    fieldConfig: {
      overrides: fieldConfig?.overrides ?? [],
      defaults: { ...fieldConfig?.defaults, ...numbersOf(panel) },
    },
  };
  return built(whole);
}

const numbersOf = ({ unit, decimals }: Panel) => ({
  unit: grafanaUnits[unit],
  ...(decimals === undefined ? {} : { decimals }),
});

const annotationOf = ({ name, expression, colour, title, text }: (typeof annotations)[number]): AnnotationQuery =>
  inSight(
    new AnnotationQueryBuilder()
      .name(name)
      .datasource(source)
      .enable(true)
      .iconColor(colour)
      .expr(expression)
      .titleFormat(title)
      .textFormat(text)
      .step("60s")
      .build(),
  );

/** Every other dashboard, with the time range and the variables of this one. */
const siblings = new DashboardLinkBuilder("Attain")
  .type(DashboardLinkType.Dashboards)
  .tags([tag])
  .asDropdown(true)
  .includeVars(true)
  .keepTime(true);

const runbook = new DashboardLinkBuilder("Runbook")
  .type(DashboardLinkType.Link)
  .icon("doc")
  .url("${runbook:raw}")
  .targetBlank(true);

/** The dashboard as Grafana imports it (classic JSON); the same for the same data. */
export function renderDashboard(dashboard: Dashboard, options: RenderOptions = defaultRenderOptions): string {
  const { uid, title, description, from, variables } = dashboard;
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([tag])
    .editable()
    .timezone("browser")
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from, to: "now" })
    .refresh("30s")
    .variables(variablesOf(variables, options))
    .annotations(annotations.map((one) => built(annotationOf(one))))
    .links([siblings, runbook].map((link) => built(inSight(link.build()))));
  for (const { row, id, place, panels } of layOut(dashboard)) {
    const heading = new RowBuilder(row.title).id(id).gridPos(place).collapsed(row.isCollapsed);
    if (row.repeats !== undefined) heading.repeat(row.repeats);
    if (row.isCollapsed) for (const panel of panels) heading.withPanel(finished(panel));
    builder.withRow(heading);
    if (!row.isCollapsed) for (const panel of panels) builder.withPanel(finished(panel));
  }
  return stableJson(builder.build());
}
