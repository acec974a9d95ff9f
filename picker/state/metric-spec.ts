import { labelValue, samplesOf, type Sample } from "./exposition-text.ts";

/** Which series to read: a sample name and labels that must have these values. */
export type MetricSpec = {
  readonly name: string;
  readonly labels: readonly { readonly name: string; readonly value: string }[];
};

const specPattern = /^\s*([A-Za-z_:][\w:]*)\s*(?:\{([^{}]*)\}\s*)?$/;
const matcherPattern = /^\s*([A-Za-z_]\w*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"',]+))\s*$/;

/** Reads `name` or `name{label=value,…}`, quotes optional; undefined for what is neither. */
export function parseMetricSpec(text: string): MetricSpec | undefined {
  const [, name, matchers = ""] = specPattern.exec(text) ?? [];
  if (name === undefined) return undefined;
  const parts = matchers.split(",").filter((part) => part.trim() !== "");
  const labels = parts.map((part) => {
    const [, label, double, single, bare] = matcherPattern.exec(part) ?? [];
    return label === undefined ? undefined : { name: label, value: double ?? single ?? bare ?? "" };
  });
  return labels.includes(undefined) ? undefined : { name, labels: labels.filter((label) => label !== undefined) };
}

/** The samples that a spec selects. */
export function selectSamples(text: string, spec: MetricSpec): readonly Sample[] {
  const samples = samplesOf(text, spec.name);
  if (spec.labels.length === 0) return samples;
  return samples.filter((sample) => spec.labels.every(({ name, value }) => labelValue(sample.labels, name) === value));
}
