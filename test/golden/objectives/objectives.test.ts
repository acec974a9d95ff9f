import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { formatProblem } from "#config";
import { decodeObjectives } from "#kubernetes";

const approving = process.env["UPDATE_GOLDEN"] === "1";
const here = new URL("./", import.meta.url);

describe("an objectives file", () => {
  const cases = readdirSync(here).filter((file) => file.endsWith(".yaml"));

  it.each(cases)("%s is read as recorded", (file) => {
    const decoded = decodeObjectives(readFileSync(new URL(file, here), "utf8"), { file });
    const lines = decoded.ok
      ? [
          ...decoded.value.objectives.map((each) => JSON.stringify(each)),
          ...decoded.value.warnings.map((warning) => `warning: ${formatProblem(warning)}`),
        ]
      : decoded.problems.map(formatProblem);
    const text = `${lines.join("\n")}\n`;
    const golden = new URL(file.replace(/yaml$/, "txt"), here);
    if (approving) writeFileSync(golden, text);
    expect(text).toBe(readFileSync(golden, "utf8"));
  });
});
