import { availableParallelism } from "node:os";
import { expect, it } from "@jest/globals";
import { alertNames } from "../../alerts/alert-name.ts";
import type { RuleDocument } from "../../alerts/rule-document.ts";
import { casesByAlert } from "../rules/cases/cases-by-alert.ts";
import { burnCases } from "../rules/cases/burn-cases.ts";
import { burnSituations, recordingCases } from "../rules/cases/burn-situations.ts";
import { mutantsOf, type Mutant } from "./mutants.ts";
import { describeWithPromtool, failuresOf, type RuleCase } from "../rules/promtool.ts";
import { onlyAlert, onlyRecordings, rulesFor } from "../rules/rules-under-test.ts";

const target = 0.99;

type Trial = { readonly rules: RuleDocument; readonly cases: readonly RuleCase[] };

/** Which cases judge a rule: an alert's own, and of a recording those that look at it. Cheap ones first. */
function trialOf({ rule, document }: Mutant): Trial {
  const alert = alertNames.find((name) => name === rule);
  if (alert === undefined) return { rules: onlyRecordings(document), cases: recordingCases };
  const cases = alert === "AttainErrorBudgetBurn" ? [...burnSituations, ...burnCases(target)] : casesByAlert[alert];
  return { rules: onlyAlert(document, alert), cases };
}

/** Changes after which the rule says the same, and why. */
const equivalent: readonly (readonly [RegExp, string])[] = [
  [/^objective:attain_error_budget:remaining_ratio: .*⟦sum → max⟧/, "one series"],
  [/^AttainConfigInvalid: ⟦sum → max⟧/, "one series for each file of an instance"],
  [/^AttainPickerOverloaded: .*⟦max → min⟧ by \(instance\)/, "one series for each instance"],
  [/^AttainPickerOverloaded: .*⟦sum → max⟧ by \(instance, le\)/, "one series for each instance and bucket"],
  [/^AttainObjectiveNoTraffic: .*⟦sum → max⟧/, "a sum of what is at least 0 is 0 when the greatest is"],
  [/^AttainPoolNoEndpoints: .*⟦sum → max⟧/, "a sum of what is at least 0 is 0 when the greatest is"],
  [/^AttainEndpointScrapeStale: .*last_over_time.*⟦2m → 4m⟧/, "the other side of the division is gone after 2m"],
  [/^AttainHeldForZero: .*held_requests\) > ⟦0 → -1⟧/, "where nothing is held, nothing was held just now"],
  [/^Attain(EndpointScrapeStale|QueueWaitHigh): .*> ⟦0 → -1⟧/, "0/0 is NaN, and no comparison holds for it"],
];

/** Stops at the first case that fails. */
async function survives(mutant: Mutant): Promise<boolean> {
  const { rules, cases } = trialOf(mutant);
  for (const one of cases) {
    const failures = await failuresOf(rules, [one]);
    if (Object.keys(failures).length > 0) return false;
  }
  return true;
}

async function survivorsOf(mutants: readonly Mutant[]): Promise<readonly string[]> {
  const waiting = [...mutants];
  const survivors: string[] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (await survives(next)) survivors.push(`${next.rule}: ${next.change}`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return survivors;
}

const all = mutantsOf(rulesFor(target));
const isEquivalent = ({ rule, change }: Mutant): boolean =>
  equivalent.some(([pattern]) => pattern.test(`${rule}: ${change}`));
const mutants = all.filter((mutant) => !isEquivalent(mutant));

describeWithPromtool("a rule with one operator, number, window or duration changed", () => {
  it("says the same only where that is known", () => {
    const needless = equivalent.filter(
      ([pattern]) => !all.some(({ rule, change }) => pattern.test(`${rule}: ${change}`)),
    );
    expect(needless).toEqual([]);
  });

  it.each([...new Set(mutants.map(({ rule }) => rule))])(
    "fails a case: %s",
    async (rule) => expect(await survivorsOf(mutants.filter((mutant) => mutant.rule === rule))).toEqual([]),
    600_000,
  );
});
