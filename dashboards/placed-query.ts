import { unreachable } from "#errors";
import { refId } from "./grafana/source.ts";
import type { Dashboard, Panel } from "./panel.ts";

/** A query and where it stands. */
export type PlacedQuery = {
  readonly panel: Panel;
  /** `A`, `B`, … as in Grafana. */
  readonly refId: string;
  readonly expression: string;
  /** Whether it is asked at the end of the time range only. */
  readonly isInstant: boolean;
};

function queriesOf(panel: Panel): readonly { readonly expression: string }[] {
  switch (panel.kind) {
    case "table":
      return panel.columns;
    case "graph":
    case "stat":
    case "heatmap":
    case "matrix":
    case "timeline":
      return panel.queries;
    default:
      return unreachable(panel);
  }
}

/** Every query of a dashboard's panels. */
export const placedQueries = ({ rows }: Dashboard): readonly PlacedQuery[] =>
  rows
    .flatMap(({ panels }) => panels)
    .flatMap((panel) =>
      queriesOf(panel).map(({ expression }, i) => ({
        panel,
        refId: refId(i),
        expression,
        isInstant: panel.kind === "stat" || panel.kind === "table",
      })),
    );
