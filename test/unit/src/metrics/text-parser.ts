/** One line of an exposition as read back. */
export type Sample = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: string;
};

const unescaped: Readonly<Record<string, string>> = { n: "\n", '"': '"', "\\": "\\" };

/** Reads `a="x",b="y"}` character by character from `start`. */
function readLabels(line: string, start: number): { readonly labels: Record<string, string>; readonly end: number } {
  const labels: Record<string, string> = {};
  let at = start;
  while (line[at] !== "}") {
    if (line[at] === ",") at++;
    const equals = line.indexOf('="', at);
    const name = line.slice(at, equals);
    let value = "";
    for (at = equals + 2; line[at] !== '"'; at++) value += line[at] === "\\" ? unescaped[line[++at]!] : line[at];
    labels[name] = value;
    at++;
  }
  return { labels, end: at + 1 };
}

/** The samples of a text exposition; comments are skipped. Written from the format's description, without the writer. */
export function samplesOf(page: string): readonly Sample[] {
  const samples: Sample[] = [];
  for (const line of page.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)![0];
    const { labels, end } =
      line[name.length] === "{" ? readLabels(line, name.length + 1) : { labels: {}, end: name.length };
    samples.push({ name, labels, value: line.slice(end + 1) });
  }
  return samples;
}
