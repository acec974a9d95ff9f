import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { formatProblem } from "#config";
import { loadConfiguration } from "../../../picker/configuration/load.ts";

const approving = process.env["UPDATE_GOLDEN"] === "1";
const folder = new URL(".", import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, folder), "utf8");
const documents = readdirSync(folder).filter((file) => file.endsWith(".yaml"));

/** Maps as objects, and what is undefined named, so that a setting that disappears shows. */
const plain = (_key: string, value: unknown): unknown =>
  value === undefined ? "undefined" : value instanceof Map ? Object.fromEntries(value) : value instanceof Set ? [...value] : value;

function settingsOf(file: string): string {
  const options = { file, allowExperimental: true, refreshIntervalMs: 50 };
  const { flow, warnings } = loadConfiguration(read(file), options);
  return `${JSON.stringify({ flow, warnings: warnings.map(formatProblem) }, plain, 2)}\n`;
}

describe("what flow control is told by a document", () => {
  it("is recorded for each kind of document", () => expect(documents.length).toBeGreaterThan(6));

  it.each(documents)("%s", (file) => {
    const found = settingsOf(file);
    const golden = file.replace(/yaml$/, "json");
    if (approving) writeFileSync(new URL(golden, folder), found);
    expect(found).toBe(read(golden));
  });
});
