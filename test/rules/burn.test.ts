import { expect, it } from "@jest/globals";
import { burnCases } from "./cases/burn-cases.ts";
import { describeWithPromtool, failuresOf } from "./promtool.ts";
import { onlyAlert, rulesFor } from "./rules-under-test.ts";

describeWithPromtool("burn-rate alerts", () => {
  it.each([0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999])(
    "target %d: each fires at its minute and is silent otherwise",
    async (target) => {
      const rules = onlyAlert(rulesFor(target), "AttainErrorBudgetBurn");
      expect(await failuresOf(rules, burnCases(target))).toEqual({});
    },
    60_000,
  );
});
