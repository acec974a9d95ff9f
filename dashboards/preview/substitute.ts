import type { Milliseconds } from "#units";
import { durationText } from "#promql";

/** What Grafana would put in. */
export type Substitution = {
  /** Each as a regular expression; a variable that is not named here matches everything. */
  readonly variables: Readonly<Record<string, string>>;
  readonly rangeMs: Milliseconds;
  readonly intervalMs: Milliseconds;
  /** At least four scrapes, so that a rate has what it needs. */
  readonly rateIntervalMs: Milliseconds;
};

/** The text with macros and variables replaced, as Prometheus reads it. */
export const substitute = (text: string, { variables, rangeMs, intervalMs, rateIntervalMs }: Substitution): string =>
  text
    .replaceAll("$__rate_interval", durationText(rateIntervalMs))
    .replaceAll("$__interval", durationText(intervalMs))
    .replaceAll("$__range", durationText(rangeMs))
    .replaceAll(/\$(\w+)/g, (_match, name: string) => variables[name] ?? ".*");
