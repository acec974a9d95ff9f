import { describe, expect, it } from "@jest/globals";
import { allRecorded, allSpecs, metricsDocument, unexplainedLabels } from "#metrics";

describe("metricsDocument", () => {
  it("has a row for every metric and recorded series", () => {
    const text = metricsDocument();
    expect([...allSpecs, ...allRecorded].filter(({ name }) => !text.includes(`| \`${name}\` |`))).toEqual([]);
  });

  it("says what bounds every label whose values it does not list", () => expect(unexplainedLabels()).toEqual([]));

  it("has as many cells in each row as its table has columns", () => {
    const cells = (line: string): number => line.split(" | ").length;
    const tables = metricsDocument()
      .split("\n\n")
      .filter((block) => block.startsWith("|"));
    expect(tables.length).toBeGreaterThan(5);
    for (const table of tables) {
      const lines = table.trim().split("\n");
      expect(new Set(lines.map(cells)).size).toBe(1);
    }
  });
});
