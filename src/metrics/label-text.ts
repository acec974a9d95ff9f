import { CodedError } from "#errors";
import type { MetricSpec } from "./spec.ts";

const special = /[\\"\n]/g;
const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", '"': '\\"', "\n": "\\n" };

/** A label value between quotes, as both exposition formats escape it. */
export const escapeLabelValue = (value: string): string => value.replace(special, (character) => escapes[character]!);

/**
 * `a="x",b="y"` in the order of the spec: two sets of labels are equal exactly when their texts are.
 * Lone surrogates become U+FFFD, since the text leaves as UTF-8.
 * Throws METRIC_LABELS when a label is missing, is not text, or is not of the spec.
 */
export function labelTextOf(spec: MetricSpec, labels: Readonly<Record<string, unknown>>): string {
  let text = "";
  for (const name of spec.labels) {
    const value = labels[name];
    if (typeof value !== "string") throw wrongLabels(spec, `label ${name} is ${typeof value}, not text`);
    text += `${text === "" ? "" : ","}${name}="${escapeLabelValue(value.toWellFormed())}"`;
  }
  const unknown = Object.keys(labels).find((name) => !spec.labels.includes(name));
  if (unknown !== undefined) throw wrongLabels(spec, `label ${unknown} is not one of ${spec.labels.join(", ")}`);
  return text;
}

const wrongLabels = (spec: MetricSpec, problem: string): CodedError<{ code: "METRIC_LABELS"; metric: string }> =>
  new CodedError({ code: "METRIC_LABELS", metric: spec.name }, `${spec.name}: ${problem}`);
