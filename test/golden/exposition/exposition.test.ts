import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { allSpecs, renderOpenMetrics, renderText } from "#metrics";
import { sampleRegistry } from "../../support/sample-metrics.ts";

const approving = process.env["UPDATE_GOLDEN"] === "1";

describe("sample page", () => {
  it.each([
    { file: "sample.prometheus.txt", render: renderText },
    { file: "sample.openmetrics.txt", render: renderOpenMetrics },
  ])("is written byte for byte as $file", ({ file, render }) => {
    const path = new URL(file, import.meta.url);
    const page = render(sampleRegistry());
    if (approving) writeFileSync(path, page);
    expect(page).toBe(readFileSync(path, "utf8"));
  });

  it("holds every metric of the catalogue", () => {
    const page = renderText(sampleRegistry());
    expect(allSpecs.filter(({ name, type }) => !page.includes(`# TYPE ${name} ${type}\n`))).toEqual([]);
  });

  const found = spawnSync("promtool", ["--version"]).error === undefined;
  if (!found) console.warn("promtool is not on PATH: `promtool check metrics` was skipped");
  (found ? it : it.skip)("is clean by promtool check metrics", () => {
    const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], {
      input: renderText(sampleRegistry()),
      encoding: "utf8",
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: "" });
  });
});
