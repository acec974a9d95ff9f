import type { Milliseconds } from "#units";

type Unit = "ms" | "s" | "m" | "h" | "d" | "w" | "y";

/** What Grafana puts in for the panel's interval, resolution or time range. */
export type GrafanaWindow = "$__rate_interval" | "$__interval" | "$__range";
/** The length of a range: milliseconds, text such as `5m`, or what Grafana puts in. */
export type Window = Milliseconds | `${bigint}${Unit}` | GrafanaWindow;

const units: readonly (readonly [Unit, Milliseconds])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
];

/** Prometheus's notation of a duration, such as `5m` or `2m30s`; parts of a millisecond are rounded away. */
export function durationText(ms: Milliseconds): string {
  let rest = Math.round(ms);
  let text = "";
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text === "" ? "0s" : text;
}

/** The text of a range. */
export const windowText = (window: Window): string => (typeof window === "number" ? durationText(window) : window);
