import type { Seconds } from "#units";

const factors = { 10: [1, 2, 2.5, 5, 10], 2: [1, 2] } as const;

/** Numbers that are round to the base and divide [least, most] into `count` parts or a few less. */
export function linearTicks(
  least: number,
  most: number,
  { count, base }: { readonly count: number; readonly base: 2 | 10 },
): readonly number[] {
  const rough = (most - least) / count;
  const power = base ** Math.floor(Math.log(rough) / Math.log(base) + 1e-9);
  const step = factors[base].map((factor) => factor * power).find((candidate) => candidate >= rough - 1e-12)!;
  const first = Math.ceil(least / step - 1e-9);
  const last = Math.floor(most / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Powers of ten from `least` to `most`. */
export function logTicks(least: number, most: number): readonly number[] {
  const first = Math.ceil(Math.log10(least) - 1e-9);
  const last = Math.floor(Math.log10(most) + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
}

const timeSteps: readonly Seconds[] = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600];

/** Whole minutes or hours that divide the range into at most `count` parts. */
export function timeTicks(from: Seconds, to: Seconds, count: number): readonly Seconds[] {
  const step = timeSteps.find((candidate) => (to - from) / candidate <= count) ?? 86_400;
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, i) => (first + i) * step);
}

/** Hour and minute, and the second where it is not 0; in UTC. */
export function clockText(at: Seconds): string {
  const text = new Date(at * 1000).toISOString().slice(11, 19);
  return text.endsWith(":00") ? text.slice(0, 5) : text;
}
