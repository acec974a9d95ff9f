import { decodeYamlStream, type ConfigProblem, type ConfigSource, type Decoded, type YamlDocument } from "#config";
import type { InferenceObjective, ServiceLevel } from "#objective";
import { isNonEmpty, type NonEmpty } from "#units";
import { z } from "zod";
import {
  anyResource,
  inferenceObjectiveResource,
  inferenceSloResource,
  type InferenceObjectiveResource,
  type InferenceSloResource,
} from "./resource.ts";
import { annotatedLevel, serviceLevelOf } from "./service-level.ts";

/** One objective with its service level; undefined without targets. */
export type ObjectiveWithLevel = { readonly objective: InferenceObjective; readonly level: ServiceLevel | undefined };

/** Everything a stream of documents says about objectives, as ObjectiveTable takes it. */
export type Objectives = {
  /** In the order of the documents. */
  readonly objectives: readonly ObjectiveWithLevel[];
  /** What is odd but usable: annotations that an InferenceSLO overrides, unknown annotations of ours. */
  readonly warnings: readonly ConfigProblem[];
};

/** Objectives, or every problem in the order of the text. */
export type DecodedObjectives =
  | { readonly ok: true; readonly value: Objectives }
  | { readonly ok: false; readonly problems: NonEmpty<ConfigProblem> };

type Found<R> = { readonly resource: R; readonly document: YamlDocument };
type Resources = {
  readonly objectives: readonly Found<InferenceObjectiveResource>[];
  readonly slos: readonly Found<InferenceSloResource>[];
};
type Named = { readonly metadata: { readonly namespace: string; readonly name: string } };

const idOf = ({ metadata }: Named): string => `${metadata.namespace}/${metadata.name}`;
const objectiveIdOf = ({ metadata, spec }: InferenceSloResource): string =>
  `${metadata.namespace}/${spec.objectiveRef.name}`;

/** The domain's view of the resource. */
export const objectiveOf = ({ metadata, spec }: InferenceObjectiveResource): InferenceObjective => ({
  namespace: metadata.namespace,
  name: metadata.name,
  poolName: spec.poolRef?.name,
  priority: spec.priority,
});

function resourcesOf(documents: readonly YamlDocument[], problems: ConfigProblem[]): Resources {
  const objectives: Found<InferenceObjectiveResource>[] = [];
  const slos: Found<InferenceSloResource>[] = [];
  const keep = <R>(found: Found<R>[], decoded: Decoded<R>): void => {
    if (decoded.ok) found.push({ resource: decoded.value, document: decoded.document });
    else problems.push(...decoded.problems);
  };
  for (const document of documents) {
    const head = document.decode(anyResource);
    if (!head.ok) problems.push(...head.problems);
    else if (head.value.kind === "InferenceSLO") keep(slos, document.decode(inferenceSloResource));
    else keep(objectives, document.decode(inferenceObjectiveResource));
  }
  return { objectives, slos };
}

/** Objectives are told apart by bare name, since that is all that a request says. */
function duplicateNames({ objectives, slos }: Resources): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const refuseSecond = (found: readonly Found<Named>[], keyOf: (resource: Named) => string, message: string): void => {
    const seen = new Set<string>();
    for (const { resource, document } of found) {
      const key = keyOf(resource);
      if (seen.has(key)) problems.push(document.problem(["metadata", "name"], { message }));
      seen.add(key);
    }
  };
  refuseSecond(
    objectives,
    ({ metadata }) => metadata.name,
    "a second InferenceObjective of this name; requests name it without a namespace",
  );
  refuseSecond(slos, idOf, "a second InferenceSLO of this name");
  return problems;
}

const refPath = ["spec", "objectiveRef", "name"] as const;

function sloByObjective(
  { objectives, slos }: Resources,
  problems: ConfigProblem[],
): ReadonlyMap<string, InferenceSloResource> {
  const known = new Set(objectives.map(({ resource }) => idOf(resource)));
  const byObjective = new Map<string, InferenceSloResource>();
  for (const { resource, document } of slos) {
    const id = objectiveIdOf(resource);
    if (!known.has(id)) problems.push(document.problem(refPath, danglingWords(resource, [...known])));
    else if (byObjective.has(id)) {
      problems.push(
        document.problem(refPath, { message: "a second InferenceSLO for this objective", allowed: "one for each" }),
      );
    } else byObjective.set(id, resource);
  }
  return byObjective;
}

function danglingWords({ metadata }: InferenceSloResource, known: readonly string[]) {
  const prefix = `${metadata.namespace}/`;
  const names = known.filter((id) => id.startsWith(prefix)).map((id) => JSON.stringify(id.slice(prefix.length)));
  return {
    message: `no InferenceObjective of this name in namespace "${metadata.namespace}"; add one or correct the name`,
    ...(names.length > 0 && { allowed: names.join(", ") }),
  };
}

type Levels = ReadonlyMap<string, InferenceSloResource>;

function withLevel(
  { resource, document }: Found<InferenceObjectiveResource>,
  slos: Levels,
  notes: { problems: ConfigProblem[]; warnings: ConfigProblem[] },
): ObjectiveWithLevel {
  const slo = slos.get(idOf(resource));
  const annotated = annotatedLevel(resource, document);
  if (!annotated.ok) notes.problems.push(...annotated.problems);
  else notes.warnings.push(...annotated.warnings);
  const fromAnnotations = annotated.ok ? annotated.level : undefined;
  if (slo !== undefined && fromAnnotations !== undefined) {
    const message = `annotations overridden by InferenceSLO "${slo.metadata.name}"; remove one of the two`;
    notes.warnings.push(document.problem(["metadata", "annotations"], { message }));
  }
  return { objective: objectiveOf(resource), level: slo === undefined ? fromAnnotations : serviceLevelOf(slo) };
}

const byPlace = (a: ConfigProblem, b: ConfigProblem): number =>
  (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);

/**
 * Decodes a `---` stream of InferenceObjective and InferenceSLO documents. An InferenceSLO wins over annotations.
 * Refused: unknown kinds and keys, values out of range, two objectives of one name, two service levels of one objective,
 * and a service level whose objective is not there.
 */
export function decodeObjectives(text: string, source: ConfigSource): DecodedObjectives {
  const stream = decodeYamlStream(z.unknown(), text, source);
  if (!stream.ok) return stream;
  const problems: ConfigProblem[] = [];
  const warnings: ConfigProblem[] = [];
  const resources = resourcesOf(
    stream.items.map(({ document }) => document),
    problems,
  );
  if (isNonEmpty(problems)) return { ok: false, problems };
  problems.push(...duplicateNames(resources));
  const slos = sloByObjective(resources, problems);
  const objectives = resources.objectives.map((found) => withLevel(found, slos, { problems, warnings }));
  const ordered = problems.toSorted(byPlace);
  return isNonEmpty(ordered) ? { ok: false, problems: ordered } : { ok: true, value: { objectives, warnings } };
}
