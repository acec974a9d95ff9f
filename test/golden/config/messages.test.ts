import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { allowing, decodeYaml, durationText, formatProblem, portNumber, ratioText } from "#config";
import { z } from "zod";

const approving = process.env["UPDATE_GOLDEN"] === "1";
const here = new URL("./", import.meta.url);

const plugin = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("scorer"), weight: z.number().positive() }),
  z.strictObject({ type: z.literal("filter"), labels: z.record(z.string(), z.string()) }),
]);

/** One field of every kind that configuration has. */
const schema = z.strictObject({
  kind: z.literal("Example"),
  mode: z.enum(["advisory", "direct"]).default("advisory"),
  port: portNumber,
  replicas: z.int().min(1).max(9).optional(),
  share: z.number().min(0).lt(1).optional(),
  priority: z.int32().default(0),
  timeout: durationText.optional(),
  target: ratioText,
  secure: z.boolean().default(true),
  name: allowing("a lower-case name", z.string().regex(/^[a-z]+$/)).optional(),
  either: z.union([z.string(), z.int(), z.strictObject({ from: z.string() })]).optional(),
  endpoints: z.array(z.strictObject({ host: z.string().min(1), tags: z.array(z.string()).max(2).default([]) })).min(1),
  plugins: z.array(plugin).default([]),
});

describe("messages of problems", () => {
  const cases = readdirSync(here).filter((file) => file.endsWith(".yaml"));

  it.each(cases)("of %s", (file) => {
    const decoded = decodeYaml(schema, readFileSync(new URL(file, here), "utf8"), { file });
    const text = decoded.ok ? "ok\n" : decoded.problems.map((problem) => `${formatProblem(problem)}\n`).join("");
    const golden = new URL(file.replace(/yaml$/, "txt"), here);
    if (approving) writeFileSync(golden, text);
    expect(text).toBe(readFileSync(golden, "utf8"));
  });
});
