/** The live view of a pool as text: objectives against their targets, then endpoints. Pure: the caller prints it. */
import Table from "cli-table3";
import { toMilliseconds, type Milliseconds, type Ratio, type Seconds } from "#units";

/** Undefined: not measured, shown as `–`. */
export type Quantiles = { readonly p50?: Seconds | undefined; readonly p99?: Seconds | undefined };

/** One row of the objectives table. */
export type ObjectiveRow = {
  readonly name: string;
  readonly priority: number;
  readonly target?: Ratio | undefined;
  readonly thresholds: {
    readonly ttftMs?: Milliseconds | undefined;
    readonly tpotMs?: Milliseconds | undefined;
    readonly e2eMs?: Milliseconds | undefined;
  };
  readonly met: number;
  readonly missed: number;
  readonly excluded: number;
  readonly untargeted: number;
  readonly attainment?: Ratio | undefined;
  /** Share of the error budget of the judged requests that is left; negative when overspent. */
  readonly budgetRemaining?: number | undefined;
  readonly inFlight: number;
  readonly ttftSeconds: Quantiles;
  readonly tpotSeconds: Quantiles;
  readonly e2eSeconds: Quantiles;
};

/** One row of the endpoints table. */
export type EndpointRow = {
  readonly name: string;
  readonly hostPort: string;
  readonly state: "fresh" | "stale" | "unknown";
  readonly picks: number;
  readonly inFlight: number;
  readonly waitingRequests?: number | undefined;
  readonly runningRequests?: number | undefined;
  readonly kvCacheUsageRatio?: Ratio | undefined;
};

export type StatusView = {
  /** One line above the tables. */
  readonly title: string;
  readonly objectives: readonly ObjectiveRow[];
  readonly endpoints: readonly EndpointRow[];
  /** Lines below the tables. */
  readonly notes: readonly string[];
};

export type StatusStyle = {
  /** ANSI colours; off when piped. */
  readonly colour: boolean;
};

const unknown = "–";
const ratio = (value: number | undefined, digits: number): string =>
  value === undefined ? unknown : `${(value * 100).toFixed(digits)} %`;
const count = (value: number | undefined): string => (value === undefined ? unknown : String(value));

/** Three significant digits, without a point where it says nothing. */
const rounded = (value: number): string =>
  value >= 100 ? value.toFixed(0) : String(Number(value.toFixed(value >= 10 ? 1 : 2)));

/** `p50 / p99 ≤ threshold`, all in the unit of the column. */
function latency({ p50, p99 }: Quantiles, thresholdMs: Milliseconds | undefined, unitMs: Milliseconds): string {
  const inUnit = (seconds: Seconds | undefined): string =>
    seconds === undefined ? unknown : rounded(toMilliseconds(seconds) / unitMs);
  const seen = p50 === undefined ? unknown : `${inUnit(p50)} / ${inUnit(p99)}`;
  return thresholdMs === undefined ? seen : `${seen} ≤ ${rounded(thresholdMs / unitMs)}`;
}

const green = "\u001B[32m";
const red = "\u001B[31m";
const bold = "\u001B[1m";
const reset = "\u001B[0m";

const coloured = (text: string, code: string, style: StatusStyle): string =>
  style.colour ? `${code}${text}${reset}` : text;

function attainment(row: ObjectiveRow, style: StatusStyle): string {
  const text = ratio(row.attainment, 2);
  if (row.attainment === undefined || row.target === undefined) return text;
  return row.attainment >= row.target ? coloured(`✔ ${text}`, green, style) : coloured(`✘ ${text}`, red, style);
}

/** No lines between rows: the table is redrawn in place and has to fit. */
const compact = { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" } as const;
const uncoloured = { head: [], border: [], compact: true } as const;

function objectivesTable(rows: readonly ObjectiveRow[], style: StatusStyle): string {
  const table = new Table({
    head: [
      "objective",
      "attainment",
      "target",
      "budget",
      "met",
      "missed",
      "other",
      "now",
      "TTFT ms",
      "TPOT ms",
      "E2E s",
    ],
    style: { ...uncoloured, head: [], border: [] },
    chars: compact,
    colAligns: ["left", "right", "right", "right", "right", "right", "right", "right", "left", "left", "left"],
  });
  for (const row of rows) {
    table.push([
      row.name,
      attainment(row, style),
      ratio(row.target, 1),
      ratio(row.budgetRemaining, 0),
      count(row.met),
      count(row.missed),
      count(row.excluded + row.untargeted),
      count(row.inFlight),
      latency(row.ttftSeconds, row.thresholds.ttftMs, 1),
      latency(row.tpotSeconds, row.thresholds.tpotMs, 1),
      latency(row.e2eSeconds, row.thresholds.e2eMs, 1000),
    ]);
  }
  return table.toString();
}

function endpointsTable(rows: readonly EndpointRow[], style: StatusStyle): string {
  const table = new Table({
    head: ["endpoint", "address", "state", "picks", "in flight", "waiting", "running", "KV cache"],
    style: { ...uncoloured, head: [], border: [] },
    chars: compact,
    colAligns: ["left", "left", "left", "right", "right", "right", "right", "right"],
  });
  for (const row of rows) {
    table.push([
      row.name,
      row.hostPort,
      row.state === "fresh" ? row.state : coloured(row.state, red, style),
      count(row.picks),
      count(row.inFlight),
      count(row.waitingRequests),
      count(row.runningRequests),
      ratio(row.kvCacheUsageRatio, 1),
    ]);
  }
  return table.toString();
}

/** The whole view, lines joined by newlines, without a trailing one. */
export const renderStatus = (view: StatusView, style: StatusStyle): string =>
  [
    coloured(view.title, bold, style),
    objectivesTable(view.objectives, style),
    endpointsTable(view.endpoints, style),
    ...view.notes,
  ].join("\n");
