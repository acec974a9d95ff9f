import type { Unit } from "../unit.ts";

const scaled = (value: number, step: number, names: readonly string[], places: number | undefined): string => {
  let rest = value;
  let index = 0;
  while (Math.abs(rest) >= step && index < names.length - 1) [rest, index] = [rest / step, index + 1];
  return `${fixed(rest, places)}${names[index]}`;
};

const fixed = (value: number, places: number | undefined): string => {
  if (places !== undefined) return value.toFixed(places);
  const size = Math.abs(value);
  return String(Number(value.toFixed(size >= 100 || value === 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3)));
};

function secondsText(value: number, places: number | undefined): string {
  const size = Math.abs(value);
  if (size === 0) return "0 s";
  if (size < 0.001) return `${fixed(value * 1e6, places)} µs`;
  if (size < 1) return `${fixed(value * 1000, places)} ms`;
  if (size < 60) return `${fixed(value, places)} s`;
  return size < 3600 ? `${fixed(value / 60, undefined)} min` : `${fixed(value / 3600, undefined)} h`;
}

const suffixes: Readonly<Record<Exclude<Unit, "seconds" | "ratio" | "bytes">, string>> = {
  count: "",
  "requests/s": " req/s",
  "events/s": " /s",
  tokens: " tok",
  "tokens/s": " tok/s",
  cores: " cores",
  times: " ×",
};

/** A number as Grafana would write it, nearly. */
export function numberText(value: number, unit: Unit, places?: number): string {
  if (!Number.isFinite(value)) return "–";
  switch (unit) {
    case "seconds":
      return secondsText(value, places);
    case "ratio":
      return `${fixed(value * 100, places)} %`;
    case "bytes":
      return scaled(value, 1024, [" B", " KiB", " MiB", " GiB"], places);
    default:
      return scaled(value, 1000, ["", " k", " M"], places) + suffixes[unit];
  }
}
