import type { Facts } from "../facts.ts";
import { findingsOf, type Finding } from "../finding.ts";

const labels = findingsOf("label-overflow");

/** Series that one family may hold in a picker. */
export const seriesLimit = 10_000;
const nearTheLimit = 0.8;

export function checkLabels({ picker }: Facts): readonly Finding[] {
  if (picker === undefined || !picker.answer.ok) return [];
  const families = [...picker.answer.seriesByFamily].toSorted(([, a], [, b]) => b - a);
  const [largest] = families;
  if (largest === undefined) return [];
  const near = families.filter(([, series]) => series >= seriesLimit * nearTheLimit);
  if (near.length === 0) return [labels.ok(`largest metric family: ${largest[0]} with ${largest[1]} series`)];
  return near.map(([family, series]) =>
    labels.wrong(
      `${family} has ${series} of at most ${seriesLimit} series; what comes after them is not counted`,
      "fewer endpoints, objectives or models in one pool: split it, or remove objectives that nobody uses",
    ),
  );
}

/** Counts the series of each family of a page in the text format; a histogram's buckets count as its lines. */
export function seriesByFamily(page: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  let histogram: string | undefined;
  for (const line of page.split("\n")) {
    if (line.startsWith("# TYPE ")) {
      const [, , family, type] = line.split(" ");
      histogram = type === "histogram" ? family : undefined;
    }
    if (line === "" || line.startsWith("#")) continue;
    const name = /^[A-Za-z_:][\w:]*/.exec(line)?.[0];
    if (name === undefined) continue;
    // One series of a histogram has one count.
    if (histogram !== undefined && name !== `${histogram}_count`) continue;
    const family = histogram ?? name;
    counts.set(family, (counts.get(family) ?? 0) + 1);
  }
  return counts;
}
