/** What a panel's numbers count or measure. */
export type Unit =
  | "seconds"
  | "ratio"
  | "count"
  | "requests/s"
  | "events/s"
  | "tokens"
  | "tokens/s"
  | "bytes"
  | "cores"
  /** A multiple of something, such as a burn rate. */
  | "times";

/** Grafana's name of each unit. */
export const grafanaUnits: Readonly<Record<Unit, string>> = {
  seconds: "s",
  ratio: "percentunit",
  count: "short",
  "requests/s": "reqps",
  "events/s": "cps",
  tokens: "suffix:tok",
  "tokens/s": "suffix:tok/s",
  bytes: "bytes",
  cores: "suffix:cores",
  times: "suffix:×",
};
