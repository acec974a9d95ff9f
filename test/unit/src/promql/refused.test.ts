import { describe, expect, it } from "@jest/globals";
import { execFileSync, type ExecFileException } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = process.cwd();

/** Lines of the source that the compiler refuses, by number. */
function refusedLines(source: string): readonly number[] {
  mkdirSync(join(root, ".cache"), { recursive: true });
  const folder = mkdtempSync(join(root, ".cache/refused-"));
  try {
    writeFileSync(join(folder, "refused.ts"), source);
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ extends: "../../tsconfig.json", include: [], files: ["refused.ts"] }),
    );
    execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "--noEmit", "-p", folder]);
    return [];
  } catch (error) {
    const output = String((error as ExecFileException).stdout);
    return [...output.matchAll(/refused\.ts\((\d+),\d+\): error/g)].map((match) => Number(match[1]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("what does not compile", () => {
  const source = readFileSync(join(import.meta.dirname, "refused.txt"), "utf8");

  it("is exactly the lines that say so", () => {
    const marked = source.split("\n").flatMap((line, i) => (line.includes("// refused:") ? [i + 1] : []));
    expect(marked.length).toBeGreaterThan(20);
    expect([...new Set(refusedLines(source))]).toEqual(marked);
  });
});
