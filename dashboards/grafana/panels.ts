import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  LineInterpolation,
  ReduceDataOptionsBuilder,
  ScaleDistribution,
  ScaleDistributionConfigBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import {
  FieldColorBuilder,
  FieldColorModeId,
  type Panel as GrafanaPanel,
} from "@grafana/grafana-foundation-sdk/dashboard";
import * as heatmap from "@grafana/grafana-foundation-sdk/heatmap";
import * as stat from "@grafana/grafana-foundation-sdk/stat";
import * as statetimeline from "@grafana/grafana-foundation-sdk/statetimeline";
import * as statushistory from "@grafana/grafana-foundation-sdk/statushistory";
import * as table from "@grafana/grafana-foundation-sdk/table";
import * as timeseries from "@grafana/grafana-foundation-sdk/timeseries";
import { unreachable } from "#errors";
import { neutral } from "../colour.ts";
import type { GraphPanel, HeatmapPanel, MatrixPanel, Panel, StatPanel, TablePanel, TimelinePanel } from "../panel.ts";
import { grafanaUnits } from "../unit.ts";
import { boundProperties, columnProperties, fixedColour, labelProperties, thresholds, wordsOf } from "./fields.ts";
import { refId } from "./source.ts";

const colouredBy = (mode: FieldColorModeId): FieldColorBuilder => new FieldColorBuilder().mode(mode);
const legend = (): VizLegendOptionsBuilder =>
  new VizLegendOptionsBuilder().displayMode(LegendDisplayMode.List).placement(LegendPlacement.Bottom).showLegend(true);

function graphOf({ queries, isStacked, scale, least, most, colours = {} }: GraphPanel): Builder<GrafanaPanel> {
  const panel = new timeseries.PanelBuilder()
    .drawStyle(GraphDrawStyle.Line)
    .lineInterpolation(LineInterpolation.Linear)
    .lineWidth(isStacked ? 1 : 2)
    .fillOpacity(isStacked ? 60 : 0)
    .showPoints(VisibilityMode.Never)
    .spanNulls(false)
    .stacking(new StackingConfigBuilder().mode(isStacked ? StackingMode.Normal : StackingMode.None).group("A"))
    .colorScheme(colouredBy(FieldColorModeId.PaletteClassicByName))
    .legend(legend())
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (scale === "log") {
    panel.scaleDistribution(new ScaleDistributionConfigBuilder().type(ScaleDistribution.Log).log(10));
  }
  if (least !== undefined) panel.min(least);
  if (most !== undefined) panel.max(most);
  if (isStacked) panel.withOverride(idleUnnamed);
  for (const [name, colour] of Object.entries(colours)) panel.overrideByName(name, [fixedColour(colour)]);
  for (const [i, { role, colour }] of queries.entries()) {
    const properties = [
      ...(colour === undefined ? [] : [fixedColour(colour)]),
      ...(role === "bound" ? boundProperties : []),
    ];
    if (properties.length > 0) panel.overrideByQuery(refId(i), properties);
  }
  return panel;
}

/** Closed sets have many members that stay 0: they are left out of the legend. */
const idleUnnamed = {
  matcher: { id: "byValue", options: { op: "gte", reducer: "allIsZero", value: 0 } },
  properties: [{ id: "custom.hideFrom", value: { legend: true, tooltip: true, viz: false } }],
};

const statOf = ({ steps, showsName }: StatPanel): Builder<GrafanaPanel> =>
  new stat.PanelBuilder()
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"]))
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .textMode(showsName ? BigValueTextMode.ValueAndName : BigValueTextMode.Value)
    .colorScheme(colouredBy(FieldColorModeId.Thresholds))
    .thresholds(thresholds(steps.length > 0 ? steps : [{ from: undefined, colour: neutral }]))
    .noValue("–");

function tableOf({ labels, columns }: TablePanel): Builder<GrafanaPanel> {
  const panel = new table.PanelBuilder().showHeader(true).noValue("–");
  const names = [...labels.map(({ label }) => label), ...columns.map((_, i) => `Value #${refId(i)}`)];
  panel.withTransformation({ id: "merge", options: {} });
  panel.withTransformation({
    id: "organize",
    options: { excludeByName: { Time: true }, indexByName: Object.fromEntries(names.map((name, i) => [name, i])) },
  });
  labels.forEach((label, i) => panel.overrideByName(label.label, labelProperties(label, labels.slice(0, i))));
  columns.forEach((column, i) => panel.overrideByName(`Value #${refId(i)}`, columnProperties(column)));
  return panel;
}

const heatmapOf = ({ unit }: HeatmapPanel): Builder<GrafanaPanel> =>
  new heatmap.PanelBuilder()
    .calculate(false)
    .color(
      new heatmap.HeatmapColorOptionsBuilder()
        .mode(heatmap.HeatmapColorMode.Scheme)
        .scheme("Blues")
        .steps(64)
        .exponent(0.5)
        .reverse(true),
    )
    .yAxis(new heatmap.YAxisConfigBuilder().unit(grafanaUnits[unit]))
    .filterValues(new heatmap.FilterValueRangeBuilder().le(1e-9))
    .cellGap(1)
    .exemplarsColor("#ff780a")
    .showLegend();

/** Two hours in columns of a minute or two: more columns than fit are refused by the panel. */
const matrixPoints = 90;

const matrixOf = (_panel: MatrixPanel): Builder<GrafanaPanel> =>
  new statushistory.PanelBuilder()
    .maxDataPoints(matrixPoints)
    .showValue(VisibilityMode.Never)
    .rowHeight(0.95)
    .colWidth(1)
    .legend(legend().showLegend(false))
    .colorScheme(colouredBy(FieldColorModeId.ContinuousBlues));

const timelineOf = ({ steps }: TimelinePanel): Builder<GrafanaPanel> =>
  new statetimeline.PanelBuilder()
    .showValue(VisibilityMode.Never)
    .mergeValues(true)
    .rowHeight(0.8)
    .lineWidth(0)
    .fillOpacity(80)
    .legend(legend())
    .colorScheme(colouredBy(FieldColorModeId.Thresholds))
    .thresholds(thresholds(steps))
    .mappings(wordsOf(steps));

/** What is particular to a kind of panel. */
export function kindOf(panel: Panel): Builder<GrafanaPanel> {
  switch (panel.kind) {
    case "graph":
      return graphOf(panel);
    case "stat":
      return statOf(panel);
    case "table":
      return tableOf(panel);
    case "heatmap":
      return heatmapOf(panel);
    case "matrix":
      return matrixOf(panel);
    case "timeline":
      return timelineOf(panel);
    default:
      return unreachable(panel);
  }
}
