/** What dashboards ask, against the catalogue: names, labels, and PromQL that parses. */
import { describe, expect, it } from "@jest/globals";
import { allDashboards } from "../../../dashboards/all-dashboards.ts";
import { annotations } from "../../../dashboards/annotation.ts";
import { placedQueries } from "../../../dashboards/placed-query.ts";
import { labelVariables, namespaceVariable } from "../../../dashboards/variable.ts";
import { usageOf, usageProblems } from "../../support/promql-usage.ts";

describe.each(allDashboards)("the queries of $name", (dashboard) => {
  const queries = placedQueries(dashboard);

  it("parse, and name metrics and labels of the catalogue", () => {
    expect(usageProblems(queries.map(({ expression }) => expression))).toEqual([]);
  });

  it("have no window of their own where the panel's is meant", () => {
    const fixed = queries.filter(({ expression }) => /\[\d+s\]/.test(expression));
    expect(fixed).toEqual([]);
  });

  it("ask only for what is chosen in the dashboard's variables", () => {
    const open = queries.filter(({ expression }) => !expression.includes("$"));
    expect(open).toEqual([]);
  });

  it("give every label that a table shows", () => {
    for (const { panel, expression } of queries) {
      if (panel.kind !== "table") continue;
      const { groupings, errors } = usageOf(expression);
      expect(errors).toEqual([]);
      for (const { label } of panel.labels) expect(groupings).toContain(label);
    }
  });
});

it("annotations ask for what there is", () => {
  expect(usageProblems(annotations.map(({ expression }) => expression))).toEqual([]);
});

it("variables ask for labels that their series have", () => {
  const queries = [namespaceVariable, ...Object.values(labelVariables)].map(({ query }) => query);
  const parts = queries.map((query) => /^label_values\((.*), (\w+)\)$/.exec(query)!);
  expect(usageProblems(parts.map(([, selector, label]) => `sum by (${label}) (${selector})`))).toEqual([]);
});
