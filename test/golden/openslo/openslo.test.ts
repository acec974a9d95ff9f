import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { allSpecs } from "#metrics";
import { decodeObjectives, type ObjectiveWithLevel } from "#kubernetes";
import { parseAllDocuments } from "yaml";
import { openSloDocuments, renderOpenSlo, type OpenSloOptions } from "../../../deploy/openslo/openslo.ts";
import { openSloDocument } from "./openslo-schema.ts";

const approving = process.env["UPDATE_GOLDEN"] === "1";
const examples = new URL("../../../deploy/examples/objectives.yaml", import.meta.url);
const noOptions: OpenSloOptions = { pool: undefined, dataSource: undefined };

function objectivesOf(text: string): readonly ObjectiveWithLevel[] {
  const decoded = decodeObjectives(text, { file: "objectives.yaml" });
  if (!decoded.ok) throw new Error(decoded.problems[0].message);
  return decoded.value.objectives;
}

const parsed = (text: string): readonly unknown[] => parseAllDocuments(text).map((one) => one.toJS() as unknown);

const odd = `
apiVersion: llm-d.ai/v1alpha2
kind: InferenceObjective
metadata: {name: without-targets}
spec: {priority: 0}
---
apiVersion: llm-d.ai/v1alpha2
kind: InferenceObjective
metadata: {name: no.pool-1}
spec: {priority: -1}
---
apiVersion: attain.dev/v1alpha1
kind: InferenceSLO
metadata: {name: no.pool-1}
spec: {objectiveRef: {name: no.pool-1}, ttft: 1.5s, tpot: 33ms, e2e: 1m30s, target: "0.9999", period: 90m}
`;

describe("OpenSLO documents", () => {
  it.each([
    { name: "examples", text: readFileSync(examples, "utf8"), options: noOptions },
    { name: "odd", text: odd, options: { pool: undefined, dataSource: "prometheus-main" } },
    { name: "one-pool", text: odd, options: { pool: "llama", dataSource: undefined } },
  ])("$name are as approved, and as the published schema wants them", ({ name, text, options }) => {
    const rendered = renderOpenSlo(openSloDocuments(objectivesOf(text), options));
    const golden = new URL(`${name}.yaml`, import.meta.url);
    if (approving) writeFileSync(golden, rendered);
    expect(rendered).toBe(readFileSync(golden, "utf8"));
    for (const document of parsed(rendered)) expect(openSloDocument.parse(document)).toEqual(document);
  });

  it("ask only for metrics of the catalogue", () => {
    const rendered = renderOpenSlo(openSloDocuments(objectivesOf(odd), noOptions));
    const names = new Set([...rendered.matchAll(/attain_\w+/g)].map(([name]) => name));
    const known = new Set(allSpecs.map(({ name }) => name));
    expect([...names].filter((name) => !known.has(name))).toEqual([]);
    expect(names.size).toBe(2);
  });

  it("are explained with metrics of the catalogue", () => {
    const page = readFileSync(new URL("../../../docs/openslo.md", import.meta.url), "utf8");
    const names = new Set([...page.matchAll(/attain_\w+/g)].map(([name]) => name.replace(/_(bucket|count)$/, "")));
    const known = new Set(allSpecs.map(({ name }) => name));
    expect([...names].filter((name) => !known.has(name))).toEqual([]);
    expect(names.size).toBe(4);
  });

  it("promise nothing for objectives without targets", () => {
    expect(openSloDocuments(objectivesOf(odd.split("---")[0]!), noOptions)).toEqual([]);
    expect(renderOpenSlo([])).toBe("");
  });

  it.each([
    { period: "28d", want: "28d" },
    { period: "36h", want: "36h" },
    { period: "90m", want: "90m" },
    { period: "1.5m", want: "2m" },
    { period: "4w", want: "28d" },
  ])("write a period of $period as $want", ({ period, want }) => {
    const text = odd.replace("90m", period);
    const rendered = renderOpenSlo(openSloDocuments(objectivesOf(text), noOptions));
    expect(rendered).toContain(`duration: ${want}\n`);
  });
});

describe("the schema", () => {
  const [, slo] = openSloDocuments(objectivesOf(readFileSync(examples, "utf8")), noOptions) as [object, object];
  const changed = (replace: readonly [string, string]): unknown =>
    JSON.parse(JSON.stringify(slo).replace(replace[0], replace[1]));

  it.each<{ name: string; replace: readonly [string, string] }>([
    { name: "another version", replace: ["openslo/v1", "openslo/v1alpha"] },
    { name: "a name with capitals", replace: ['"name":"chat"', '"name":"Chat"'] },
    { name: "a target of 1", replace: ['"target":0.99', '"target":1'] },
    { name: "a target as text", replace: ['"target":0.99', '"target":"0.99"'] },
    { name: "a period in seconds", replace: ["28d", "2419200s"] },
    { name: "an unknown budgeting method", replace: ["Occurrences", "occurrences"] },
    { name: "no total", replace: ['"total"', '"all"'] },
    { name: "no service", replace: ['"service"', '"services"'] },
    { name: "a window that is neither rolling nor of the calendar", replace: ['"isRolling":true', '"isRolling":false'] },
  ])("refuses $name", ({ replace }) => {
    expect(openSloDocument.safeParse(slo).success).toBe(true);
    expect(openSloDocument.safeParse(changed(replace)).success).toBe(false);
  });
});
