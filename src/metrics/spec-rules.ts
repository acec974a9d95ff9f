import { areEdges } from "./edges.ts";
import type { MetricSpec, MetricUnit } from "./spec.ts";

const prefixes = ["attain_", "process_"] as const;
const units = ["seconds", "bytes", "ratio", "tokens"] as const satisfies readonly MetricUnit[];
const snakeCase = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;
const oneSentence = /^[A-Z0-9][^\n]*[^\s.]\.$/;
/** Suffixes that the exposition formats give to the samples of a family. */
const sampleSuffix = /_(?:bucket|sum|count|created)$/;
const wrongUnit =
  /_(?:ms|us|ns|sec|secs|second|millis|milliseconds|microseconds|nanoseconds|minutes|hours|days|kb|mb|gb|kilobytes|megabytes|percent|percentage|gauge|counter|histogram|summary)(?:_|$)/;

function nameProblems({ name, type, unit }: MetricSpec): readonly string[] {
  const isTotal = name.endsWith("_total");
  const family = isTotal ? name.slice(0, -"_total".length) : name;
  const named = units.find((candidate) => family.endsWith(`_${candidate}`)) ?? "none";
  return [
    ...(snakeCase.test(name) ? [] : ["the name is not in snake case"]),
    ...(prefixes.some((prefix) => name.startsWith(prefix))
      ? []
      : [`the name starts with none of ${prefixes.join(", ")}`]),
    ...((type === "counter") === isTotal ? [] : ["_total is for counters, and every counter has it"]),
    ...(sampleSuffix.test(family) ? ["the name ends like a sample of a histogram"] : []),
    ...(wrongUnit.test(name) ? ["the name holds a unit that is not a base unit, or a type"] : []),
    ...(named === unit ? [] : [`the name says unit ${named}, the spec says ${unit}`]),
  ];
}

function labelProblems({ labels, values, type }: MetricSpec): readonly string[] {
  const found: string[] = [];
  if (new Set(labels).size < labels.length) found.push("a label is named twice");
  for (const label of labels) {
    if (!snakeCase.test(label)) found.push(`label ${label} is not in snake case`);
    if (label === "le" || label === "quantile" || label === type) found.push(`label ${label} is reserved`);
  }
  for (const [label, closed] of Object.entries(values)) {
    if (!labels.includes(label)) found.push(`values are given for ${label}, which is not a label`);
    if (closed.length === 0 || new Set(closed).size < closed.length)
      found.push(`values of ${label} are empty or repeat`);
  }
  return found;
}

/**
 * What is wrong with a catalogue by the house's rules: names in snake case with our prefix, base unit last, `_total`
 * on counters and nowhere else, one sentence of help, labels bounded and named once, edges ascending, no name twice.
 * @returns one line a problem, starting with the metric's name; empty when all is well
 */
export function specProblems(specs: readonly MetricSpec[]): readonly string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const spec of specs) {
    const found = [...nameProblems(spec), ...labelProblems(spec)];
    if (!oneSentence.test(spec.help)) found.push("the help is not one sentence with a full stop");
    if (spec.type === "histogram" && !areEdges(spec.edges))
      found.push("the edges are not finite, at least 0 and ascending");
    if (seen.has(spec.name)) found.push("the name is used twice");
    seen.add(spec.name);
    for (const problem of found) problems.push(`${spec.name}: ${problem}`);
  }
  return problems;
}
