/** What alerts and dashboards owe each other, and together the catalogue. */
import { describe, expect, it } from "@jest/globals";
import { alertNames } from "../../alerts/alert-name.ts";
import { defaultAlertOptions } from "../../alerts/options.ts";
import { ruleGroups } from "../../alerts/rule-groups.ts";
import { runbook } from "../../alerts/runbook.ts";
import { allDashboards } from "../../dashboards/all-dashboards.ts";
import { placedQueries } from "../../dashboards/placed-query.ts";
import { unusedMetrics } from "../support/promql-usage.ts";
import { chat } from "./rules-under-test.ts";

const rules = ruleGroups([chat(0.99)], defaultAlertOptions).flatMap((group) => group.rules);
const expressions = [
  ...rules.map(({ expression }) => expression.text),
  ...allDashboards.flatMap((dashboard) => placedQueries(dashboard).map(({ expression }) => expression)),
];

/** Served although no alert and no panel shows it, and why. */
const servedAnyway: Readonly<Record<string, string>> = {};

describe("the catalogue", () => {
  it("has no stable metric that neither an alert nor a panel uses", () => {
    expect(unusedMetrics(expressions, servedAnyway)).toEqual({ unused: [], needlesslyAllowed: [] });
  });
});

describe("links", () => {
  it.each(alertNames)("of %s lead to a dashboard that has its variables", (name) => {
    const { uid, variables } = runbook[name].dashboard;
    const dashboard = allDashboards.find((one) => one.uid === uid);
    expect(dashboard?.variables).toEqual(expect.arrayContaining([...variables]));
  });

  it("of panels lead to alerts that there are", () => {
    const named = allDashboards.flatMap(({ rows }) =>
      rows.flatMap(({ panels }) => panels.flatMap(({ runbook }) => runbook ?? [])),
    );
    expect(named.filter((name) => !alertNames.some((alert) => alert === name))).toEqual([]);
  });
});
