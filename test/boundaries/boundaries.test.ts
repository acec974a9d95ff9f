import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";

const root = fileURLToPath(new URL("../..", import.meta.url));
const cruiser = join(root, "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs");
const folders = ["src", "picker", "gateway", "bin", "test"];

type Tree = Readonly<Record<string, string>>;

/** The names of the rules that a tree breaks. */
async function brokenRules(tree: Tree): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), "boundaries-"));
  try {
    for (const name of folders) await mkdir(join(folder, name), { recursive: true });
    for (const [file, text] of Object.entries(tree)) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), text);
    }
    const output = await new Promise<string>((resolve) => {
      const args = [cruiser, "--config", join(root, ".dependency-cruiser.mjs"), "--output-type", "json", ...folders];
      execFile(process.execPath, args, { cwd: folder, maxBuffer: 1 << 26 }, (_error, stdout) => resolve(stdout));
    });
    const { summary } = JSON.parse(output) as { summary: { violations: { rule: { name: string } }[] } };
    return [...new Set(summary.violations.map(({ rule }) => rule.name))].toSorted();
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe("the boundary rules catch a planted violation", () => {
  it.each<{ rule: string; tree: Tree }>([
    { rule: "no-cycle", tree: { "picker/a.ts": 'import "./b.ts";', "picker/b.ts": 'import "./a.ts";' } },
    {
      rule: "no-cycle",
      tree: {
        "picker/a.ts": 'import type { B } from "./b.ts"; export type A = B;',
        "picker/b.ts": 'import type { A } from "./a.ts"; export type B = { a?: A };',
      },
    },
    { rule: "src-imports-no-room", tree: { "src/pool/index.ts": 'import "../../picker/a.ts";', "picker/a.ts": "" } },
    { rule: "rooms-are-strangers", tree: { "gateway/a.ts": 'import "../picker/b.ts";', "picker/b.ts": "" } },
    {
      rule: "rooms-are-strangers",
      tree: {
        "gateway/a.ts": 'import type { B } from "../picker/b.ts"; export type A = B;',
        "picker/b.ts": "export type B = 1;",
      },
    },
    { rule: "nothing-imports-test", tree: { "bin/a.ts": 'import "../test/b.ts";', "test/b.ts": "" } },
    { rule: "src-bottom-layer", tree: { "src/units/index.ts": 'import "../pool/index.ts";', "src/pool/index.ts": "" } },
    {
      rule: "src-middle-layer",
      tree: { "src/pool/index.ts": 'import "../metrics/index.ts";', "src/metrics/index.ts": "" },
    },
    {
      rule: "src-upper-layer",
      tree: { "src/metrics/index.ts": 'import "../shell/index.ts";', "src/shell/index.ts": "" },
    },
    {
      rule: "src-query-layer",
      tree: { "src/promql/index.ts": 'import "../shell/index.ts";', "src/shell/index.ts": "" },
    },
    {
      rule: "only-shells-do-io",
      tree: { "picker/flow/a.ts": 'import { readFileSync } from "node:fs"; readFileSync("x");' },
    },
    {
      rule: "only-shells-import-the-shell",
      tree: { "picker/flow/a.ts": 'import "../../src/shell/index.ts";', "src/shell/index.ts": "" },
    },
    {
      rule: "src-through-its-doors",
      tree: { "picker/flow/a.ts": 'import "../../src/pool/endpoint.ts";', "src/pool/endpoint.ts": "" },
    },
    { rule: "not-to-unresolvable", tree: { "picker/flow/a.ts": 'import "./missing.ts";' } },
  ])("$rule", async ({ rule, tree }) => {
    expect(await brokenRules(tree)).toContain(rule);
  });

  it("and are silent on a tree that keeps them", async () => {
    const tree = {
      "src/units/index.ts": "export const a = 1;",
      "src/pool/index.ts": 'export { a } from "../units/index.ts";',
      "src/shell/index.ts": 'import { readFileSync } from "node:fs"; export const read = readFileSync;',
      "picker/flow/a.ts": 'import { a } from "../../src/pool/index.ts"; export const b = a;',
      "picker/shell/a.ts":
        'import "node:http"; import { b } from "../flow/a.ts"; import { read } from "../../src/shell/index.ts"; read(String(b));',
      "gateway/a.ts": 'import { a } from "../src/pool/index.ts"; export const c = a;',
      "bin/a.ts": 'import "../picker/shell/a.ts"; import "../gateway/a.ts";',
      "test/a.ts": 'import "../picker/flow/a.ts";',
    };
    expect(await brokenRules(tree)).toEqual([]);
  });
});
