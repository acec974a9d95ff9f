/** The page that an existing dashboard reads, byte for byte: UPDATE_GOLDEN=1 writes it anew. */
import { describe, expect, it } from "@jest/globals";
import { readFileSync, writeFileSync } from "node:fs";
import { renderOpenMetrics, renderText } from "#metrics";
import { compatMetrics, compatTable } from "../../../picker/compat/compat-view.ts";
import { compatScene } from "../../support/compat-scene.ts";
import { readOpenMetrics } from "../../support/openmetrics-reader.ts";
import { samplesOf } from "../../unit/src/metrics/text-parser.ts";

const approving = process.env["UPDATE_GOLDEN"] === "1";
const isField = (line: string): boolean => /^(?:# (?:HELP|TYPE|UNIT) )?llm_d_epp_/.test(line);

describe("the field's names", () => {
  it.each([
    { file: "compat.prometheus.txt", render: renderText },
    { file: "compat.openmetrics.txt", render: renderOpenMetrics },
  ])("are written byte for byte as $file", ({ file, render }) => {
    const path = new URL(file, import.meta.url);
    const page = `${render(compatScene().registry).split("\n").filter(isField).join("\n")}\n`;
    if (approving) writeFileSync(path, page);
    expect(page).toBe(readFileSync(path, "utf8"));
  });

  it("are all there, under the prefix, each with its labels and no others", () => {
    const samples = samplesOf(renderText(compatScene().registry)).filter(({ name }) => name.startsWith("llm_d_epp_"));
    for (const { name, type, labels } of compatMetrics) {
      const own = samples.filter((sample) => sample.name.replace(/_(bucket|sum|count)$/, "") === `llm_d_epp_${name}`);
      expect({ name, found: own.length > 0 }).toEqual({ name, found: true });
      const allowed = type === "histogram" ? [...labels, "le"] : labels;
      for (const sample of own) {
        for (const label of Object.keys(sample.labels)) expect(allowed).toContain(label);
      }
    }
  });

  it("make a page that a strict reader takes", () => {
    const families = readOpenMetrics(renderOpenMetrics(compatScene().registry));
    expect(families.filter(({ name }) => name.startsWith("llm_d_epp_"))).toHaveLength(compatMetrics.length);
  });

  it("are what the documentation lists", () => {
    const page = readFileSync(new URL("../../../docs/compat-metrics.md", import.meta.url), "utf8");
    expect(page).toContain(`\n${compatTable()}\n`);
  });
});
