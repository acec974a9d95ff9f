import { durationText, nearestWord, ratioText, type ConfigPath, type ConfigProblem, type YamlDocument } from "#config";
import { defaultPeriodMs, type LatencyThresholds, type ServiceLevel } from "#objective";
import { isNonEmpty, type Milliseconds, type NonEmpty } from "#units";
import type { z } from "zod";
import type { InferenceObjectiveResource, InferenceSloResource } from "./resource.ts";

type Thresholds = {
  readonly ttft?: Milliseconds | undefined;
  readonly tpot?: Milliseconds | undefined;
  readonly e2e?: Milliseconds | undefined;
};

const thresholdsOf = ({ ttft, tpot, e2e }: Thresholds): LatencyThresholds => ({
  ...(ttft !== undefined && { ttftMs: ttft }),
  ...(tpot !== undefined && { tpotMs: tpot }),
  ...(e2e !== undefined && { e2eMs: e2e }),
});

/** The service level that an InferenceSLO states. */
export const serviceLevelOf = ({ spec }: InferenceSloResource): ServiceLevel => ({
  thresholds: thresholdsOf(spec),
  target: spec.target,
  periodMs: spec.period,
  sheddedAs: spec.sheddedAs,
});

const prefix = "attain.dev/";
const thresholdNames = ["ttft", "tpot", "e2e"] as const;
const annotationNames = [...thresholdNames, "target", "period"] as const;

const pathOf = (name: string): ConfigPath => ["metadata", "annotations", prefix + name];

/** What an objective's annotations say: undefined level where they say nothing. */
export type AnnotatedLevel =
  | { readonly ok: true; readonly level: ServiceLevel | undefined; readonly warnings: readonly ConfigProblem[] }
  | { readonly ok: false; readonly problems: NonEmpty<ConfigProblem> };

function unknownAnnotations(
  annotations: Readonly<Record<string, string>>,
  document: YamlDocument,
): readonly ConfigProblem[] {
  const known = annotationNames.map((name) => prefix + name);
  return Object.keys(annotations)
    .filter((name) => name.startsWith(prefix) && !known.includes(name))
    .map((name) => {
      const nearest = nearestWord(name, known);
      const hint = nearest === undefined ? "" : `, did you mean ${JSON.stringify(nearest)}?`;
      return document.problem(pathOf(name.slice(prefix.length)), {
        message: `unknown annotation${hint}`,
        allowed: known.join(", "),
      });
    });
}

/** Reads the annotations `attain.dev/ttft`, `tpot`, `e2e`, `target` and `period` of an InferenceObjective. */
export function annotatedLevel(resource: InferenceObjectiveResource, document: YamlDocument): AnnotatedLevel {
  const { annotations } = resource.metadata;
  const problems: ConfigProblem[] = [];
  const read = <T>(name: (typeof annotationNames)[number], schema: z.ZodType<T>): T | undefined => {
    if (annotations[prefix + name] === undefined) return undefined;
    const decoded = document.decode(schema, pathOf(name));
    if (decoded.ok) return decoded.value;
    problems.push(...decoded.problems);
    return undefined;
  };
  const thresholds = {
    ttft: read("ttft", durationText),
    tpot: read("tpot", durationText),
    e2e: read("e2e", durationText),
  };
  const target = read("target", ratioText);
  const periodMs = read("period", durationText) ?? defaultPeriodMs;
  const said = annotationNames.filter((name) => annotations[prefix + name] !== undefined);
  if (said.length > 0 && !thresholdNames.some((name) => said.includes(name))) {
    problems.push(document.problem(["metadata", "annotations"], noThreshold));
  }
  if (said.length > 0 && !said.includes("target"))
    problems.push(document.problem(["metadata", "annotations"], noTarget));
  if (isNonEmpty(problems)) return { ok: false, problems };
  const warnings = unknownAnnotations(annotations, document);
  if (target === undefined) return { ok: true, level: undefined, warnings };
  return { ok: true, level: { thresholds: thresholdsOf(thresholds), target, periodMs, sheddedAs: "missed" }, warnings };
}

const noThreshold = {
  message: "a service level without a threshold",
  allowed: `at least one of ${thresholdNames.map((name) => prefix + name).join(", ")}`,
};
const noTarget = {
  message: `missing annotation "${prefix}target"`,
  found: "nothing",
  allowed: 'a share such as "0.99"',
};
