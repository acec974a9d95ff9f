/** A load report as text. Pure: the caller prints it. */
import Table from "cli-table3";
import type { Ratio, Seconds } from "#units";

type Quantiles = {
  readonly p50: Seconds | undefined;
  readonly p90: Seconds | undefined;
  readonly p99: Seconds | undefined;
};

/** The part of a report that is shown. */
export type LoadView = {
  readonly url: string;
  readonly elapsedSeconds: Seconds;
  readonly objectives: readonly {
    readonly name: string;
    readonly target: Ratio | undefined;
    readonly sent: number;
    readonly completed: number;
    readonly failed: number;
    readonly met: number;
    readonly missed: number;
    readonly attainment: Ratio | undefined;
    readonly ttftSeconds: Quantiles;
    readonly tpotSeconds: Quantiles;
    readonly e2eSeconds: Quantiles;
    readonly outputTokensPerSecond: number;
    readonly statusCounts: Readonly<Record<string, number>>;
  }[];
  readonly health: { readonly cpuShare: Ratio; readonly latenessMs: { readonly p99: number | undefined } };
  readonly voidBecause: readonly string[];
};

const unknown = "–";
const ms = (value: Seconds | undefined): string => (value === undefined ? unknown : (value * 1000).toFixed(1));
const latency = ({ p50, p90, p99 }: Quantiles): string => `${ms(p50)} / ${ms(p90)} / ${ms(p99)}`;
const percent = (value: Ratio | undefined): string => (value === undefined ? unknown : `${(value * 100).toFixed(2)} %`);

/** The whole report, without a trailing newline. */
export function renderLoadReport(view: LoadView): string {
  const table = new Table({
    head: [
      "objective",
      "attainment",
      "target",
      "sent",
      "completed",
      "failed",
      "met",
      "missed",
      "TTFT ms p50/90/99",
      "TPOT ms p50/90/99",
      "E2E ms p50/90/99",
      "tokens/s",
    ],
    style: { head: [], border: [] },
  });
  for (const row of view.objectives) {
    const latencies = [latency(row.ttftSeconds), latency(row.tpotSeconds), latency(row.e2eSeconds)];
    const counts = [row.sent, row.completed, row.failed, row.met, row.missed].map(String);
    table.push([
      row.name,
      percent(row.attainment),
      percent(row.target),
      ...counts,
      ...latencies,
      row.outputTokensPerSecond.toFixed(1),
    ]);
  }
  const statuses = view.objectives.flatMap(({ name, statusCounts }) =>
    Object.entries(statusCounts)
      .filter(([status]) => status !== "200")
      .map(([status, count]) => `${name}: ${count} × ${status}`),
  );
  const { cpuShare, latenessMs } = view.health;
  return [
    `${view.url} · ${view.elapsedSeconds.toFixed(1)} s · latencies count from the intended send time`,
    table.toString(),
    `generator: ${(cpuShare * 100).toFixed(0)} % of a core, sent at most ${latenessMs.p99?.toFixed(1) ?? unknown} ms late (p99)`,
    ...(statuses.length === 0 ? [] : [`other statuses: ${statuses.join(", ")}`]),
    ...view.voidBecause.map((reason) => `VOID: ${reason}`),
  ].join("\n");
}
