/** One sample line of a family: its label text without braces (empty without labels) and its value. */
export type Sample = { readonly labels: string; readonly value: number };

const newline = 10;
const tab = 9;
const space = 32;
const quote = 34;
const openBrace = 123;
const closeBrace = 125;
const backslash = 92;

const isBlank = (code: number): boolean => code === space || code === tab;
/** Also true past the end, where the code is NaN. */
const endsToken = (code: number): boolean => !(code > space);

/** Index of the brace that closes the one before `start`, quotes and escapes considered; -1 when the line ends first. */
function closingBrace(text: string, start: number): number {
  let isQuoted = false;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === newline) return -1;
    if (isQuoted) {
      if (code === backslash) i++;
      else if (code === quote) isQuoted = false;
    } else if (code === quote) isQuoted = true;
    else if (code === closeBrace) return i;
  }
  return -1;
}

/** A value of the text format; NaN for what is none. */
function numberOf(token: string): number {
  if (token === "+Inf" || token === "Inf") return Infinity;
  if (token === "-Inf") return -Infinity;
  return token === "" ? Number.NaN : Number(token);
}

type Found = { readonly sample: Sample; readonly end: number };

/** Reads what follows a metric name at `index`; undefined when it is another, longer name or not a sample. */
function sampleAt(text: string, index: number): Found | undefined {
  let at = index;
  let labels = "";
  while (isBlank(text.charCodeAt(at))) at++;
  if (text.charCodeAt(at) === openBrace) {
    const close = closingBrace(text, at + 1);
    if (close < 0) return undefined;
    labels = text.slice(at + 1, close);
    at = close + 1;
  } else if (at === index) return undefined;
  while (isBlank(text.charCodeAt(at))) at++;
  const start = at;
  while (!endsToken(text.charCodeAt(at))) at++;
  return at === start ? undefined : { sample: { labels, value: numberOf(text.slice(start, at)) }, end: at };
}

/** Start of the first line from `from` on that begins with the name; -1 without one. */
function nextLineStarting(text: string, name: string, from: number): number {
  for (let index = text.indexOf(name, from); index >= 0; index = text.indexOf(name, index + name.length)) {
    if (index === 0 || text.charCodeAt(index - 1) === newline) return index;
  }
  return -1;
}

/**
 * The samples of one family in a page of Prometheus or OpenMetrics text, in order. Passes over comments, other families,
 * timestamps and exemplars, whatever the line ends are. The format has the lines of a family in one group, so the search
 * ends with the first line after the group.
 * @param name the sample name, `_total` and such included
 */
export function samplesOf(text: string, name: string): readonly Sample[] {
  const samples: Sample[] = [];
  let index = nextLineStarting(text, name, 0);
  while (index >= 0) {
    const found = sampleAt(text, index + name.length);
    if (found === undefined && samples.length === 0) index = nextLineStarting(text, name, index + name.length);
    else if (found === undefined) break;
    else {
      samples.push(found.sample);
      const next = text.indexOf("\n", found.end) + 1;
      if (next === 0 || !text.startsWith(name, next)) break;
      index = next;
    }
  }
  return samples;
}

const labelPattern = /\s*([A-Za-z_][\w:.]*|"(?:[^"\\]|\\.)*")\s*=\s*"((?:[^"\\]|\\.)*)"\s*,?/gy;
const escapes: Readonly<Record<string, string>> = { n: "\n", "\\": "\\", '"': '"' };
const unescaped = (text: string): string =>
  text.includes("\\") ? text.replaceAll(/\\(.)/g, (whole, code: string) => escapes[code] ?? whole) : text;

/** The value of one label in a sample's label text; undefined when it is not there. */
export function labelValue(labels: string, name: string): string | undefined {
  if (!labels.includes(name)) return undefined;
  for (const match of labels.matchAll(labelPattern)) {
    const key = match[1]!.startsWith('"') ? unescaped(match[1]!.slice(1, -1)) : match[1];
    if (key === name) return unescaped(match[2]!);
  }
  return undefined;
}
