/** The committed dashboards are what the code renders: `attain render dashboards --out deploy/dashboards`. */
import { describe, expect, it } from "@jest/globals";
import { readdirSync, readFileSync } from "node:fs";
import { allDashboards } from "../../../dashboards/all-dashboards.ts";
import { renderDashboard } from "../../../dashboards/grafana/render.ts";

const folder = new URL("../../../deploy/dashboards/", import.meta.url);

it("there is a file for each dashboard and no other", () => {
  expect(readdirSync(folder).toSorted()).toEqual(allDashboards.map(({ name }) => `${name}.json`).toSorted());
});

describe.each(allDashboards)("$name", (dashboard) => {
  it("is committed as it is rendered", () => {
    expect(readFileSync(new URL(`${dashboard.name}.json`, folder), "utf8")).toBe(renderDashboard(dashboard));
  });
});
