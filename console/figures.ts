/** Numbers as a terminal shows them. */
import { toMilliseconds, type Ratio, type Seconds } from "#units";

/** What stands where a value is not known. */
export const unknownMark = "–";

/** Three significant digits, without a point where it says nothing. */
const short = (value: number): string => {
  const size = Math.abs(value);
  return size >= 100 ? value.toFixed(0) : String(Number(value.toFixed(size >= 10 ? 1 : 2)));
};

/** In the unit in which it is read best: `0.31 ms`, `1200 ms`, `12.5 s`, `3 min`. */
export function spanText(seconds: Seconds | undefined): string {
  if (seconds === undefined) return unknownMark;
  if (seconds >= 120) return `${Math.round(seconds / 60)} min`;
  return seconds >= 2 ? `${short(seconds)} s` : `${short(toMilliseconds(seconds))} ms`;
}

/** How long ago, in whole units. */
export function agoText(seconds: Seconds): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

export const countText = (value: number | undefined): string => (value === undefined ? unknownMark : String(value));

export const percentText = (value: Ratio | undefined): string =>
  value === undefined ? unknownMark : `${(value * 100).toFixed(0)} %`;

/** `1 request`, `2 requests`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
