import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { unreachable } from "#errors";
import type { Panel } from "../panel.ts";
import type { Query, TableColumn } from "../query.ts";
import { refId, source } from "./source.ts";

const base = (expression: string, index: number): DataqueryBuilder =>
  new DataqueryBuilder().datasource(source).refId(refId(index)).expr(expression);

const overTime = ({ expression, legend, hasExemplars }: Query, index: number): DataqueryBuilder => {
  const query = base(expression, index).range().legendFormat(legend);
  return hasExemplars ? query.exemplar(true) : query;
};
const atTheEnd = ({ expression, legend }: Query, index: number): DataqueryBuilder =>
  base(expression, index).instant().legendFormat(legend);
const column = ({ expression }: TableColumn, index: number): DataqueryBuilder =>
  base(expression, index).instant().format(PromQueryFormat.Table);

/** The queries of a panel as Grafana asks them. */
export function targetsOf(panel: Panel): DataqueryBuilder[] {
  switch (panel.kind) {
    case "graph":
    case "matrix":
    case "timeline":
      return panel.queries.map(overTime);
    case "heatmap":
      return panel.queries.map((query, i) => overTime(query, i).format(PromQueryFormat.Heatmap));
    case "stat":
      return panel.queries.map(atTheEnd);
    case "table":
      return panel.columns.map(column);
    default:
      return unreachable(panel);
  }
}
