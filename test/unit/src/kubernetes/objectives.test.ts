import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { decodeObjectives, objectiveApiVersions } from "#kubernetes";
import { ObjectiveTable } from "#objective";
import fc from "fast-check";

const file = "objectives.yaml";
const objective = (name: string, more = "") =>
  `{apiVersion: llm-d.ai/v1alpha2, kind: InferenceObjective, metadata: {name: ${name}${more}}, spec: {}}`;
const slo = (name: string, of: string, spec = 'ttft: 1s, target: "0.9"') =>
  `{apiVersion: attain.dev/v1alpha1, kind: InferenceSLO, metadata: {name: ${name}}, spec: {objectiveRef: {name: ${of}}, ${spec}}}`;
const decode = (...documents: readonly string[]) => {
  const decoded = decodeObjectives(documents.join("\n---\n"), { file });
  if (!decoded.ok) throw new Error(decoded.problems.map(({ path, message }) => `${path}: ${message}`).join("\n"));
  return decoded.value;
};

describe("decodeObjectives", () => {
  it("makes a table that requests can be bound by", () => {
    const { objectives } = decode(objective("chat"), objective("plain"), slo("s", "chat"));
    const table = new ObjectiveTable(objectives);
    expect(table.find("chat")).toMatchObject({
      configured: true,
      level: { thresholds: { ttftMs: 1000 }, target: 0.9 },
    });
    expect(table.find("plain")).toMatchObject({ configured: true, level: undefined });
    expect(table.find("chta").name).toBe("unknown");
  });

  it("does not depend on the order of documents", () => {
    const documents = [objective("a"), objective("b"), slo("sa", "a"), slo("sb", "b", 'e2e: 2s, target: "0.5"')];
    const want = new Map(decode(...documents).objectives.map((each) => [each.objective.name, each]));
    fc.assert(
      fc.property(fc.shuffledSubarray(documents, { minLength: documents.length }), (shuffled) => {
        const got = decode(...shuffled).objectives;
        expect(new Map(got.map((each) => [each.objective.name, each]))).toEqual(want);
      }),
    );
  });

  it.each(objectiveApiVersions)("reads %s", (apiVersion) => {
    const { objectives } = decode(
      `{apiVersion: ${apiVersion}, kind: InferenceObjective, metadata: {name: a, namespace: n}, spec: {priority: -3, poolRef: {name: p}}}`,
    );
    expect(objectives).toEqual([
      { objective: { namespace: "n", name: "a", poolName: "p", priority: -3 }, level: undefined },
    ]);
  });

  it("fills in what a service level may leave out", () => {
    const [first] = decode(objective("a"), slo("s", "a")).objectives;
    expect(first?.level).toEqual({
      thresholds: { ttftMs: 1000 },
      target: 0.9,
      periodMs: 28 * 86_400_000,
      sheddedAs: "missed",
    });
  });

  it("takes the InferenceSLO where annotations say otherwise, and warns", () => {
    const annotated = objective("a", ', annotations: {attain.dev/tpot: 9s, attain.dev/target: "0.5"}');
    const { objectives, warnings } = decode(annotated, slo("s", "a"));
    expect(objectives[0]?.level).toMatchObject({ thresholds: { ttftMs: 1000 }, target: 0.9 });
    expect(warnings.map(({ message }) => message)).toEqual([expect.stringContaining('overridden by InferenceSLO "s"')]);
  });

  it("of an empty file has no objectives", () => {
    expect(decode("")).toEqual({ objectives: [], warnings: [] });
  });
});

const crd = new URL("../../../../../shared/data/crds/llmd/llm-d.ai_inferenceobjectives.yaml", import.meta.url);
const definition = (() => {
  try {
    return readFileSync(crd, "utf8");
  } catch {
    console.warn("the field's CRDs are not there: the comparison with them was skipped");
    return undefined;
  }
})();

(definition === undefined ? describe.skip : describe)("the field's definition of InferenceObjective", () => {
  it("has the group, version and spec fields that are read", () => {
    expect(definition).toContain("group: llm-d.ai");
    expect(definition).toContain("name: v1alpha2");
    for (const field of ["priority:", "poolRef:"]) expect(definition).toContain(field);
  });
});
