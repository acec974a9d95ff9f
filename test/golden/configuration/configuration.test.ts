import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { messageOf } from "#errors";
import { loadConfiguration } from "../../../picker/configuration/load.ts";

const approving = process.env["UPDATE_GOLDEN"] === "1";
const folder = new URL(".", import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, folder), "utf8");
const refused = readdirSync(folder).filter((file) => file.endsWith(".yaml"));

function messageFor(file: string): string {
  try {
    loadConfiguration(read(file), { file, allowExperimental: false, refreshIntervalMs: 50 });
    return "accepted";
  } catch (error) {
    return messageOf(error);
  }
}

describe("messages for configurations that are refused", () => {
  it("are recorded for every one", () => expect(refused.length).toBeGreaterThan(15));

  it.each(refused)("%s", (file) => {
    const found = `${messageFor(file)}\n`;
    const golden = file.replace(/yaml$/, "txt");
    if (approving) writeFileSync(new URL(golden, folder), found);
    expect(found).toBe(read(golden));
  });
});
