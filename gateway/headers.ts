import type { HeaderLines, HeaderMutation } from "#extproc";

/** Connection-level headers, which end at each hop. Source: RFC 9110 7.6.1. */
const hopByHop: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "upgrade",
]);

/** First value of a header by lower-case name. */
export const valueOf = (lines: HeaderLines, name: string): string | undefined =>
  lines.find(([key]) => key === name)?.[1];

/** The lines without those named. */
export const without = (lines: HeaderLines, names: ReadonlySet<string>): HeaderLines =>
  lines.filter(([name]) => !names.has(name));

/** What may cross a hop: no connection-level header, and none that `connection` names. */
export function endToEnd(lines: HeaderLines): HeaderLines {
  let named = hopByHop;
  for (const [name, value] of lines) {
    if (name !== "connection") continue;
    named = new Set([...named, ...value.split(",").map((word) => word.trim().toLowerCase())]);
  }
  return without(lines, named);
}

/** Lines from the flat list of names and values in which Node gives raw headers; names become lower-case. */
export function linesOf(raw: readonly (string | Buffer)[]): HeaderLines {
  const lines: (readonly [string, string])[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    lines.push([raw[i]!.toString("latin1").toLowerCase(), raw[i + 1]!.toString("latin1")]);
  }
  return lines;
}

/** Headers as Node writes them: a repeated name is a list. */
export function recordOf(lines: HeaderLines): Record<string, string | string[]> {
  const record: Record<string, string | string[]> = {};
  for (const [name, value] of lines) {
    const known = record[name];
    if (known === undefined) record[name] = value;
    else if (typeof known === "string") record[name] = [known, value];
    else known.push(value);
  }
  return record;
}

/** Removals first, then settings in order: one that does not append replaces every line of its name. */
export function mutated(lines: HeaderLines, mutation: HeaderMutation | undefined): HeaderLines {
  if (mutation === undefined) return lines;
  const removed = new Set(mutation.remove?.map((name) => name.toLowerCase()));
  let result = removed.size === 0 ? [...lines] : lines.filter(([name]) => name.startsWith(":") || !removed.has(name));
  for (const { name, value, append } of mutation.set ?? []) {
    const key = name.toLowerCase();
    if (append !== true) result = result.filter(([other]) => other !== key);
    result.push([key, value]);
  }
  return result;
}
