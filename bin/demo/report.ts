/** The demo's result: what the picker counted, and beside it what the clients saw. */
import type { Ratio, Seconds } from "#units";
import type { LoadReport } from "../../load/report.ts";
import type { PickerState } from "../admin-client.ts";

type Quantiles = { readonly p50: Seconds | null; readonly p99: Seconds | null };

/** Printed by `--json`. Null: not measured. Latencies are the picker's, counted from arrival. */
export type DemoReport = {
  readonly gateway: "embedded" | "envoy";
  readonly requests: { readonly sent: number; readonly completed: number; readonly failed: number };
  readonly objectives: readonly {
    readonly name: string;
    readonly judged: number;
    readonly met: number;
    readonly missed: number;
    readonly excluded: number;
    readonly attainment: Ratio | null;
    /** From the load generator's own clock, counted from the intended send time. */
    readonly clientAttainment: Ratio | null;
    readonly ttftSeconds: Quantiles;
    readonly tpotSeconds: Quantiles;
  }[];
  readonly endpoints: readonly { readonly name: string; readonly picks: number }[];
  readonly ledger: { readonly inFlight: number };
  readonly picker: { readonly cpuSeconds: Seconds; readonly rssBytes: number };
  /** Why the load's figures cannot be trusted; empty for a valid run. */
  readonly loadVoidBecause: readonly string[];
};

const quantiles = ({ p50, p99 }: { p50?: number | undefined; p99?: number | undefined }): Quantiles => ({
  p50: p50 ?? null,
  p99: p99 ?? null,
});

export function demoReport(gateway: DemoReport["gateway"], state: PickerState, load: LoadReport): DemoReport {
  const clientAttainment = new Map(load.objectives.map(({ name, attainment }) => [name, attainment]));
  return {
    gateway,
    requests: { sent: load.total.sent, completed: load.total.completed, failed: load.total.failed },
    objectives: state.objectives
      .filter(({ name }) => clientAttainment.has(name))
      .map((row) => ({
        name: row.name,
        judged: row.met + row.missed,
        met: row.met,
        missed: row.missed,
        excluded: row.excluded,
        attainment: row.attainment ?? null,
        clientAttainment: clientAttainment.get(row.name) ?? null,
        ttftSeconds: quantiles(row.ttftSeconds),
        tpotSeconds: quantiles(row.tpotSeconds),
      })),
    endpoints: state.pool.endpoints.map(({ id, picks }) => ({ name: id, picks })),
    ledger: state.ledger,
    picker: state.process,
    loadVoidBecause: load.voidBecause,
  };
}
