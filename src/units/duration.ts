import type { Milliseconds } from "./units.ts";

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h|d|w)/gy;

/**
 * Reads a duration such as `250ms`, `1.5s`, `1h30m`, `28d`.
 * @returns milliseconds, at least 0; undefined when the text is not a duration (a bare number is not: its unit would be a guess)
 * Source: Go's time.ParseDuration without signs, plus d and w as in Prometheus.
 */
export function parseDuration(text: string): Milliseconds | undefined {
  if (text === "0") return 0;
  let total = 0;
  let end = 0;
  for (const match of text.matchAll(part)) {
    total += Number(match[1]) * unitMs[match[2] as string]!;
    end = match.index + match[0].length;
  }
  return end > 0 && end === text.length ? total : undefined;
}

const units: readonly (readonly [string, number])[] = [
  ["w", 604_800_000],
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
];

/** The shortest exact text in one unit that {@link parseDuration} reads back, such as `250ms` or `28d`. */
export function formatDuration(ms: Milliseconds): string {
  if (ms === 0) return "0s";
  for (const [unit, size] of units) {
    if (ms >= size && (unit !== "w" || ms % size === 0) && Number.isInteger(ms / size)) return `${ms / size}${unit}`;
  }
  return ms >= 1000 ? `${ms / 1000}s` : `${ms}ms`;
}
