import { readFileSync } from "node:fs";
import { expect, it } from "@jest/globals";
import { stringify } from "yaml";
import { describeWithPromtool, failuresOf, lint } from "./promtool.ts";
import { rulesFor } from "./rules-under-test.ts";
import { requests } from "./samples.ts";

const goldens = ["objectives.rules.yaml", "installation.rules.yaml"].map((file) =>
  readFileSync(new URL(`../golden/alerts/${file}`, import.meta.url), "utf8"),
);

describeWithPromtool("rule files", () => {
  it.each([
    ...[0.5, 0.9, 0.9999].map((target) => ({ name: `for target ${target}`, text: stringify(rulesFor(target)) })),
    ...goldens.map((text, i) => ({ name: `golden ${i + 1}`, text })),
  ])("are clean by promtool check rules --lint=all: $name", async ({ text }) => {
    const said = await lint(text);
    expect(said).toMatch(/SUCCESS: \d+ rules found/);
    expect(said).not.toMatch(/FAILED|lint error|duplicate/);
  });
});

/** Annotations as a person reads them: promtool expands their templates only where it is asked for a whole alert. */
const annotated = {
  severity: "critical",
  burn: "fast",
  pool: "p",
  objective: "chat",
  window: "1h",
};

describeWithPromtool("what an alert says", () => {
  it("is filled in", async () => {
    const { groups } = rulesFor(0.99);
    const inputs = requests([
      [70, 600, 0],
      [14, 0, 600],
    ]);
    const checks = [
      {
        at: "84m",
        alert: "AttainErrorBudgetBurn",
        labels: annotated,
        annotations: {
          summary: "An objective misses so many requests that its error budget will not last.",
          description:
            "23.33% of the judged requests of objective chat of pool p missed in the last 1h, and the last 5m is no better. Above 13 %, 1h spends 2 % or more of the error budget of 28d.",
          runbook_url: "docs/runbook.md#attainerrorbudgetburn",
          dashboard_url: "/d/attain-objective-detail?var-pool=p&var-objective=chat",
        },
      },
    ];
    const fast = groups.map((group) => ({
      ...group,
      rules: group.rules.filter(
        ({ record, alert, labels }) =>
          record !== undefined || (alert === "AttainErrorBudgetBurn" && labels?.["burn"] === "fast"),
      ),
    }));
    expect(await failuresOf({ groups: fast.slice(0, 1) }, [{ name: "said", step: "1m", inputs, checks }])).toEqual({});
  }, 60_000);
});
