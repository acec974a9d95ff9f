/** A strict reader of OpenMetrics 1.0 text, written from the standard's grammar and not from the writer. */

export type ReadExemplar = {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly timestamp: number | undefined;
};
export type ReadSample = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly exemplar: ReadExemplar | undefined;
};
export type ReadFamily = {
  readonly name: string;
  readonly type: string;
  readonly unit: string | undefined;
  readonly help: string | undefined;
  readonly samples: readonly ReadSample[];
};

type Open = { name: string; type: string; unit: string | undefined; help: string | undefined; samples: ReadSample[] };

const nameAt = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const labelAt = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"/y;
const numberAt = /[+-]?(?:\d+(?:\.\d*)?(?:e[+-]?\d+)?|Inf)|NaN/y;
const mostExemplarCharacters = 128;

const unescaped = (text: string): string => text.replace(/\\(["\\n])/g, (_, c: string) => (c === "n" ? "\n" : c));
const toNumber = (text: string): number => Number(text.replace("Inf", "Infinity"));

/** Walks one line. */
class Line {
  readonly text: string;
  at = 0;
  constructor(text: string) {
    this.text = text;
  }
  fail(what: string): never {
    throw new Error(`${what} at ${this.at}: ${this.text}`);
  }
  take(pattern: RegExp, what: string): RegExpExecArray {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text) ?? this.fail(`no ${what}`);
    this.at += found[0].length;
    return found;
  }
  accept(text: string): boolean {
    if (!this.text.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }
  expect(text: string): void {
    if (!this.accept(text)) this.fail(`no "${text}"`);
  }
  get isAtEnd(): boolean {
    return this.at === this.text.length;
  }
}

function readLabels(line: Line): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  line.expect("{");
  while (!line.accept("}")) {
    if (Object.keys(labels).length > 0) line.expect(",");
    const [, name = "", value = ""] = line.take(labelAt, "label");
    if (name in labels) line.fail(`label ${name} twice`);
    labels[name] = unescaped(value);
  }
  return labels;
}

function readExemplar(line: Line): ReadExemplar {
  const labels = readLabels(line);
  line.expect(" ");
  const value = toNumber(line.take(numberAt, "exemplar value")[0]);
  const timestamp = line.accept(" ") ? toNumber(line.take(numberAt, "exemplar timestamp")[0]) : undefined;
  const characters = Object.entries(labels).reduce((sum, [name, text]) => sum + Array.from(name + text).length, 0);
  if (characters > mostExemplarCharacters) line.fail("an exemplar of more than 128 characters");
  return { labels, value, timestamp };
}

function readSample(text: string): ReadSample {
  const line = new Line(text);
  const [name] = line.take(nameAt, "name");
  const labels = line.text[line.at] === "{" ? readLabels(line) : {};
  line.expect(" ");
  const value = toNumber(line.take(numberAt, "value")[0]);
  const exemplar = line.accept(" # ") ? readExemplar(line) : undefined;
  if (!line.isAtEnd) line.fail("more than a sample");
  return { name, labels, value, exemplar };
}

const suffixes: Readonly<Record<string, readonly string[]>> = {
  counter: ["_total", "_created"],
  gauge: [""],
  histogram: ["_bucket", "_sum", "_count", "_created"],
  unknown: [""],
};

function checkSample({ name, type }: Open, sample: ReadSample): void {
  const suffix = sample.name.startsWith(name) ? sample.name.slice(name.length) : undefined;
  if (suffix === undefined || !(suffixes[type] ?? []).includes(suffix)) {
    throw new Error(`sample ${sample.name} in ${type} ${name}`);
  }
  if (sample.exemplar !== undefined && suffix !== "_bucket" && suffix !== "_total") {
    throw new Error(`an exemplar on ${sample.name}`);
  }
}

/** Buckets rise, counts with them, the last is +Inf and equals the count, and an exemplar lies in its own bucket. */
function checkHistogram({ name, samples }: Open): void {
  let below = { le: Number.NEGATIVE_INFINITY, count: 0 };
  for (const { name: sample, labels, value, exemplar } of samples) {
    if (sample === `${name}_bucket`) {
      const le = toNumber(labels["le"] ?? "NaN");
      if (!(le > below.le) || value < below.count) throw new Error(`${name}: bucket ${labels["le"]} out of order`);
      if (exemplar !== undefined && !(exemplar.value <= le && exemplar.value > below.le)) {
        throw new Error(`${name}: exemplar ${exemplar.value} in bucket ${le}`);
      }
      if (exemplar !== undefined && value === below.count) throw new Error(`${name}: exemplar in an empty bucket`);
      below = { le, count: value };
    }
    if (sample === `${name}_count`) {
      if (below.le !== Infinity || below.count !== value) throw new Error(`${name}: count ${value}`);
      below = { le: Number.NEGATIVE_INFINITY, count: 0 };
    }
  }
}

function readMetadata(families: Open[], seen: Set<string>, text: string): void {
  const [, keyword, name = "", rest = ""] = /^# (HELP|TYPE|UNIT) (\S+) (.*)$/.exec(text) ?? [];
  if (keyword === undefined) throw new Error(`no metadata: ${text}`);
  let open = families.at(-1);
  if (open?.name !== name) {
    if (seen.has(name)) throw new Error(`family ${name} twice`);
    seen.add(name);
    open = { name, type: "unknown", unit: undefined, help: undefined, samples: [] };
    families.push(open);
  }
  if (open.samples.length > 0) throw new Error(`metadata behind samples: ${text}`);
  if (keyword === "TYPE") open.type = rest;
  else if (keyword === "HELP") open.help = unescaped(rest);
  else {
    if (!name.endsWith(`_${rest}`)) throw new Error(`unit ${rest} of ${name}`);
    open.unit = rest;
  }
}

/** @throws where the page is not OpenMetrics 1.0 */
export function readOpenMetrics(page: string): readonly ReadFamily[] {
  const end = "# EOF\n";
  if (!page.endsWith(end)) throw new Error("no end");
  const families: Open[] = [];
  const seen = new Set<string>();
  for (const text of page.slice(0, -end.length).split("\n").slice(0, -1)) {
    if (text.startsWith("#")) {
      readMetadata(families, seen, text);
      continue;
    }
    const open = families.at(-1);
    if (open === undefined) throw new Error(`a sample without metadata: ${text}`);
    const sample = readSample(text);
    checkSample(open, sample);
    open.samples.push(sample);
  }
  for (const open of families) if (open.type === "histogram") checkHistogram(open);
  return families;
}
