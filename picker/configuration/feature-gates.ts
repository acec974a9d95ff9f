import { nearestWord } from "#config";
import type { Findings } from "./findings.ts";
import { notProvided } from "./not-yet.ts";

/** Gates of the field with their defaults; the other position of each is not provided. */
const gates: ReadonlyMap<string, boolean> = new Map([
  ["flowControl", false],
  ["haPopulateNonLeaderDatastore", true],
]);

const form = /^([^=]+)(?:=(true|false))?$/;

/** Checks `name`, `name=true` and `name=false`. */
export function checkFeatureGates(entries: readonly string[], findings: Findings): void {
  entries.forEach((entry, index) => {
    const path = ["featureGates", index];
    const [, name, value = "true"] = form.exec(entry) ?? [];
    const known = gates.get(name ?? "");
    if (name === undefined || known === undefined) {
      const nearest = nearestWord(name ?? entry, [...gates.keys()]);
      findings.refuse(path, {
        message: nearest === undefined ? "unknown feature gate" : `unknown feature gate, did you mean "${nearest}"?`,
        allowed: [...gates].map(([gate, value]) => `${gate}=${value}`).join(", "),
      });
    } else if ((value === "true") !== known) {
      findings.refuse(path, { message: notProvided, allowed: `${name}=${known}` });
    }
  });
}
