import type { Milliseconds } from "#units";

/** What an installation says about itself; the rules hold for every pool where none is named. */
export type AlertOptions = {
  /** Takes the place of the pool that an objective names. */
  readonly pool: string | undefined;
  /** The `job` label of the pickers' scrapes. */
  readonly job: string;
  /** How often the pickers are scraped: no window is shorter than four scrapes. */
  readonly scrapeIntervalMs: Milliseconds;
  readonly evaluationIntervalMs: Milliseconds;
  /** Fewer missed requests than this in the long window never alert, however large their share. */
  readonly leastMissed: { readonly page: number; readonly ticket: number };
  /** Where docs/runbook.md is served; an anchor is added. */
  readonly runbookUrl: string;
  /** Root of Grafana. */
  readonly grafanaUrl: string;
};

export const defaultAlertOptions: AlertOptions = {
  pool: undefined,
  job: "attain-picker",
  scrapeIntervalMs: 30_000,
  evaluationIntervalMs: 30_000,
  leastMissed: { page: 6, ticket: 4 },
  runbookUrl: "docs/runbook.md",
  grafanaUrl: "",
};
