import type { Description } from "../panel.ts";

/** The description as Markdown. */
export const descriptionText = ({ shows, normal, act }: Description): string =>
  `${shows}\n\n**Normal:** ${normal}\n\n**Otherwise:** ${act}`;

/** Objects with their keys in order and without what is undefined; lists keep theirs. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, sorted(member)]));
}

/** JSON of which only what changed changes. */
export const stableJson = (value: unknown): string => `${JSON.stringify(sorted(value), undefined, 2)}\n`;
