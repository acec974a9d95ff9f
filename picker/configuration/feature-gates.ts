import { nearestWord } from "#config";
import type { Findings } from "./findings.ts";
import { notProvided } from "./not-yet.ts";

/** What a configuration switches on or off. */
export type FeatureGates = {
  /** On without an entry, unlike in the field. */
  readonly flowControl: boolean;
};

/** Gates of the field with the positions that are provided. */
const gates: ReadonlyMap<string, readonly boolean[]> = new Map([
  ["flowControl", [true, false]],
  ["haPopulateNonLeaderDatastore", [true]],
]);
const settingsOf = (gate: string, positions: readonly boolean[]): readonly string[] =>
  positions.map((position) => `${gate}=${position}`);

const form = /^([^=]+)(?:=(true|false))?$/;

/** Reads `name`, `name=true` and `name=false`; of several entries of one gate the last counts. */
export function resolveFeatureGates(entries: readonly string[], findings: Findings): FeatureGates {
  let flowControl = true;
  entries.forEach((entry, index) => {
    const path = ["featureGates", index];
    const [, name, value = "true"] = form.exec(entry) ?? [];
    const known = gates.get(name ?? "");
    if (name === undefined || known === undefined) {
      const nearest = nearestWord(name ?? entry, [...gates.keys()]);
      findings.refuse(path, {
        message: nearest === undefined ? "unknown feature gate" : `unknown feature gate, did you mean "${nearest}"?`,
        allowed: [...gates].flatMap(([gate, positions]) => settingsOf(gate, positions)).join(", "),
      });
    } else if (!known.includes(value === "true")) {
      findings.refuse(path, { message: notProvided, allowed: settingsOf(name, known).join(", ") });
    } else if (name === "flowControl") flowControl = value === "true";
  });
  return { flowControl };
}
