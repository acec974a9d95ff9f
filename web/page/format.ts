/** Figures as people read them. Unknown is a dash. */

export const unknown = "–";

const grouped = new Intl.NumberFormat("en");

export const count = (value: number | undefined): string => (value === undefined ? unknown : grouped.format(value));

/** A ratio as a share of a hundred, with a minus that lines up with digits. */
export const share = (ratio: number | undefined, digits: number): string =>
  ratio === undefined ? unknown : `${(ratio * 100).toFixed(digits).replace("-", "−")} %`;

/** Digits that tell a target such as 0.9995 from 1, and no more than it needs. */
export function targetShare(target: number | undefined): string {
  if (target === undefined) return unknown;
  return `${Number((target * 100).toFixed(4))} %`;
}

/** Three significant digits. */
const digits = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

/** In the unit that leaves the fewest digits. */
function inUnit(seconds: number, text: (value: number) => string): string {
  const rounded = Number(seconds.toPrecision(3));
  if (rounded >= 120) return `${text(rounded / 60)} min`;
  if (rounded >= 1) return `${text(rounded)} s`;
  if (rounded >= 0.001 || rounded === 0) return `${text(rounded * 1000)} ms`;
  return `${text(rounded * 1_000_000)} µs`;
}

/** `73 ms`, `1.25 s`, `2 min`: no digit that says nothing. */
export const duration = (seconds: number | undefined): string =>
  seconds === undefined ? unknown : inUnit(seconds, (value) => String(Number(digits(value))));

/** `73.0 ms`, `1.25 s`: always three digits, so that a column of them can be compared. */
export const measured = (seconds: number | undefined): string =>
  seconds === undefined ? unknown : inUnit(seconds, digits);

/** How many times faster than allowed the error budget is spent. */
export const times = (factor: number | undefined): string =>
  factor === undefined ? unknown : `${factor >= 100 ? factor.toFixed(0) : factor.toFixed(1)}×`;

/** Hours, minutes and seconds of the reader's own time zone. */
export const timeOfDay = (wallMs: number): string => new Date(wallMs).toLocaleTimeString("en-GB");

/** What follows the last slash, where that still tells the ids apart; else the ids. */
export function shortNames(ids: readonly string[]): ReadonlyMap<string, string> {
  const last = ids.map((id) => id.slice(id.lastIndexOf("/") + 1));
  const areDifferent = new Set(last).size === new Set(ids).size;
  return new Map(ids.map((id, index) => [id, areDifferent ? last[index]! : id]));
}
