import { formatProblem, type ConfigProblem } from "#config";
import { processMetrics } from "#metrics";
import type { Facts, FileFacts, ObjectiveFacts } from "../facts.ts";
import { findingsOf, type Finding, type Findings } from "../finding.ts";

const objectivesFile = findingsOf("objectives-file");
const configFile = findingsOf("config-file");
const endpointsFile = findingsOf("endpoints-file");
const targets = findingsOf("objective-targets");
const known = findingsOf("objective-known");

/** What the message of a problem does not say: what to do about it. */
function fixOf({ message, allowed }: ConfigProblem): string {
  if (message.startsWith("a second ")) return "remove one of the two, or give it another name";
  if (message.startsWith("annotations overridden")) return "remove the attain.dev/ annotations, or the InferenceSLO";
  if (message.startsWith("no InferenceObjective")) {
    return `${allowed === undefined ? "" : `name one of ${allowed}, or `}add the InferenceObjective to the file`;
  }
  if (message.startsWith("unknown key")) return "remove the key, or correct its spelling";
  if (message.startsWith("nothing refers to")) return "refer to it in a scheduling profile, or remove it";
  return allowed === undefined ? "correct it at this place" : `write ${allowed}`;
}

function fileFindings(facts: FileFacts<unknown> | undefined, say: Findings, holds: string): readonly Finding[] {
  if (facts === undefined) return [];
  if (facts.unreadable !== undefined) {
    return [say.wrong(facts.unreadable, "give the path of a file that the picker can read")];
  }
  if (facts.problems.length > 0) {
    return facts.problems.map((problem) => say.wrong(formatProblem(problem), fixOf(problem)));
  }
  return [
    say.ok(`${facts.path} is good: ${holds}`),
    ...facts.warnings.map((problem) => say.warning(formatProblem(problem), fixOf(problem))),
  ];
}

const sloFor = ({ name, namespace }: ObjectiveFacts): string =>
  `apiVersion: attain.dev/v1alpha1, kind: InferenceSLO, metadata: {name: ${name}, namespace: ${namespace}}, ` +
  `spec: {objectiveRef: {name: ${name}}, ttft: 500ms, target: "0.99"}`;

function targetFindings(objectives: readonly ObjectiveFacts[]): readonly Finding[] {
  const without = objectives.filter(({ hasTargets }) => !hasTargets);
  if (without.length === 0) return [targets.ok("every objective has targets")];
  return without.map((objective) =>
    targets.warning(
      `objective ${objective.name} has no targets, so nothing is judged and no alert can fire for it`,
      `add to the file, with thresholds of your own: {${sloFor(objective)}}`,
    ),
  );
}

/** The file against the picker that should have loaded it. */
function knownFindings({ objectivesFile: file, picker }: Facts): readonly Finding[] {
  const objectives = file?.content;
  if (objectives === undefined || picker === undefined || !picker.answer.ok) return [];
  const { pool, objectives: loaded } = picker.answer;
  const names = new Set(loaded.map(({ name }) => name));
  return objectives.flatMap(({ name, poolName }) => {
    if (!names.has(name)) {
      return [
        known.wrong(
          `the picker does not know objective ${name} of the file`,
          `start it with --objectives-file ${file!.path}; if it was, ${processMetrics.configurationReloadFailuresTotal.name} and its log say why the reload was refused`,
        ),
      ];
    }
    if (poolName !== undefined && poolName !== pool) {
      return [
        known.warning(
          `objective ${name} belongs to pool ${poolName}, and this picker serves pool ${pool}`,
          `set spec.poolRef.name to ${pool}, or take the objective out of this picker's file`,
        ),
      ];
    }
    return [];
  });
}

/** Without the file, what the picker itself says of its objectives. */
function loadedFindings({ objectivesFile: file, picker }: Facts): readonly Finding[] {
  if (file !== undefined || picker === undefined || !picker.answer.ok) return [];
  const configured = picker.answer.objectives.filter(({ name }) => name !== "none" && name !== "unknown");
  if (configured.length === 0) {
    return [targets.warning("the picker has no objectives, so nothing is judged", "start it with --objectives-file")];
  }
  return targetFindings(
    configured.map(({ name, target }) => ({
      name,
      namespace: "default",
      poolName: undefined,
      hasTargets: target !== undefined,
    })),
  );
}

function countOf(file: FileFacts<readonly unknown[]> | undefined, one: string): string {
  const count = file?.content?.length ?? 0;
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}

export const checkFiles = (facts: Facts): readonly Finding[] => [
  ...fileFindings(facts.configFile, configFile, "EndpointPickerConfig"),
  ...fileFindings(facts.objectivesFile, objectivesFile, countOf(facts.objectivesFile, "objective")),
  ...(facts.objectivesFile?.content === undefined ? [] : targetFindings(facts.objectivesFile.content)),
  ...knownFindings(facts),
  ...loadedFindings(facts),
  ...fileFindings(facts.endpointsFile, endpointsFile, countOf(facts.endpointsFile, "endpoint")),
];
