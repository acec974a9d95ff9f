import type { alertNamePrefix } from "#metrics";
import type { Colour } from "./colour.ts";
import type { Query, TableColumn, TableLabel } from "./query.ts";
import type { Step } from "./step.ts";
import type { Unit } from "./unit.ts";

/** The reader's three questions, a sentence or two each. */
export type Description = {
  /** What the panel shows, and over which window. */
  readonly shows: string;
  /** What it looks like when all is well. */
  readonly normal: string;
  /** What to do when it does not. */
  readonly act: string;
};

/** A description from its three answers. */
export const answers = (shows: string, normal: string, act: string): Description => ({ shows, normal, act });

type Common = {
  /** Unique in its dashboard: the panel's id is made from it. */
  readonly title: string;
  readonly description: Description;
  readonly unit: Unit;
  /** Places after the point; Grafana chooses without it. */
  readonly decimals?: number;
  /** Columns of the grid, of 24. */
  readonly width: number;
  /** Rows of the grid, of about 38 pixels. */
  readonly height: number;
  /** Names of alerts whose runbook sections help here. */
  readonly runbook?: readonly `${typeof alertNamePrefix}${string}`[];
};

/** Lines over time. */
export type GraphPanel = Common & {
  readonly kind: "graph";
  readonly queries: readonly Query[];
  readonly isStacked: boolean;
  readonly scale: "linear" | "log";
  readonly least?: number;
  readonly most?: number;
  /** By the text of the legend; series that are not named here get a colour of their own. */
  readonly colours?: Readonly<Record<string, Colour>>;
};

/** One number, or one a series, at the end of the time range. */
export type StatPanel = Common & {
  readonly kind: "stat";
  readonly queries: readonly Query[];
  readonly steps: readonly Step[];
  readonly showsName: boolean;
};

/** A row for each combination of labels, at the end of the time range. */
export type TablePanel = Common & {
  readonly kind: "table";
  readonly labels: readonly TableLabel[];
  readonly columns: readonly TableColumn[];
};

/** How a histogram was filled over time. The query gives buckets by `le`. */
export type HeatmapPanel = Common & { readonly kind: "heatmap"; readonly queries: readonly [Query] };

/** Series × time, the value as colour. */
export type MatrixPanel = Common & {
  readonly kind: "matrix";
  readonly queries: readonly [Query];
};

/** Series × time, the value as one of a few states. */
export type TimelinePanel = Common & {
  readonly kind: "timeline";
  readonly queries: readonly [Query];
  readonly steps: readonly Step[];
};

/** One panel as data: what the renderer, the previewer and the tests read. */
export type Panel = GraphPanel | StatPanel | TablePanel | HeatmapPanel | MatrixPanel | TimelinePanel;

/** A group of panels under a heading. */
export type Row = {
  readonly title: string;
  /** Folded away until somebody opens it. */
  readonly isCollapsed: boolean;
  /** One copy of the row for each value of the variable. */
  readonly repeats?: "objective";
  readonly panels: readonly Panel[];
};

/** Variables a dashboard may have beside the data source, the namespace and the runbook's address. */
export type VariableName = "pool" | "objective" | "instance" | "endpoint" | "quantile";

/** One dashboard as data. */
export type Dashboard = {
  /** Name of its file, without the ending. */
  readonly name: string;
  /** In Grafana's addresses: alerts link to it. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly VariableName[];
  /** Time range on opening, such as `now-6h`. */
  readonly from: string;
  readonly rows: readonly Row[];
};

type Given<P extends Panel, Optional extends keyof P> = Omit<P, "kind" | "width" | "height" | Optional> &
  Partial<Pick<P, "width" | "height" | Optional>>;

export const graph = (given: Given<GraphPanel, "isStacked" | "scale">): GraphPanel => ({
  kind: "graph",
  isStacked: false,
  scale: "linear",
  width: 12,
  height: 8,
  ...given,
});

/** A graph whose series add up to a whole. */
export const stack = (given: Given<GraphPanel, "isStacked" | "scale">): GraphPanel =>
  graph({ ...given, isStacked: true, least: 0 });

export const stat = (given: Given<StatPanel, "steps" | "showsName">): StatPanel => ({
  kind: "stat",
  steps: [],
  showsName: false,
  width: 4,
  height: 4,
  ...given,
});

export const table = (given: Given<TablePanel, never>): TablePanel => ({
  kind: "table",
  width: 24,
  height: 7,
  ...given,
});

export const heatmap = (given: Given<HeatmapPanel, never>): HeatmapPanel => ({
  kind: "heatmap",
  width: 12,
  height: 8,
  ...given,
});

export const matrix = (given: Given<MatrixPanel, never>): MatrixPanel => ({
  kind: "matrix",
  width: 12,
  height: 8,
  ...given,
});

export const timeline = (given: Given<TimelinePanel, never>): TimelinePanel => ({
  kind: "timeline",
  width: 12,
  height: 8,
  ...given,
});
