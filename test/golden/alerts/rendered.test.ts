import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { decodeObjectives } from "#kubernetes";
import { defaultAlertOptions, type AlertOptions } from "../../../alerts/options.ts";
import { renderRules } from "../../../alerts/render.ts";
import { documentOf } from "../../../alerts/rule-document.ts";
import { ruleGroups } from "../../../alerts/rule-groups.ts";

const approving = process.env["UPDATE_GOLDEN"] === "1";
const at = (name: string): URL => new URL(name, import.meta.url);

function rendered(file: string, options: AlertOptions): string {
  const decoded = decodeObjectives(readFileSync(at(file), "utf8"), { file });
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.problems));
  return renderRules(documentOf(ruleGroups(decoded.value.objectives, options), options));
}

describe("rule files", () => {
  it.each([
    { want: "objectives.rules.yaml", options: defaultAlertOptions },
    {
      want: "installation.rules.yaml",
      options: {
        ...defaultAlertOptions,
        pool: "own",
        job: "inference/picker",
        scrapeIntervalMs: 10_000,
        leastMissed: { page: 20, ticket: 10 },
        runbookUrl: "https://wiki.example/attain",
        grafanaUrl: "https://grafana.example",
      },
    },
  ])("are byte for byte $want", ({ want, options }) => {
    const text = rendered("objectives.yaml", options);
    if (approving) writeFileSync(at(want), text);
    expect(text).toBe(readFileSync(at(want), "utf8"));
  });
});
