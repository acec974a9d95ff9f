import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { ConfigError, formatProblem } from "#config";
import { FileUnreadableError } from "#shell";
import { loadEndpointsFile } from "../../../../picker/shell/file-discovery.ts";
import type { LoadedFile } from "../../../../picker/shell/file-watch.ts";
import { loadObjectivesFile } from "../../../../picker/shell/objectives-file.ts";
import { ManualTime } from "../../src/shell/manual-timers.ts";

let directory: string;
let path: string;
let time: ManualTime;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "attain-file-"));
  path = join(directory, "file.yaml");
  time = new ManualTime();
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Follows the file; `seen` has values as `show` shows them and the problems of refused reloads. */
function follow<T>(loaded: LoadedFile<T>, show: (value: T) => unknown) {
  const seen: unknown[] = [show(loaded.value)];
  const stop = loaded.watch(
    {
      onReloaded: (value) => seen.push(show(value)),
      onFailed: (failure) =>
        seen.push(failure.kind === "invalid" ? failure.problems.map(formatProblem) : failure.error.message),
    },
    { timers: time, pollMs: 1000, watchDirectory: () => () => undefined },
  );
  const write = (text: string): void => {
    writeFileSync(path, text);
    time.advance(1000);
  };
  return { seen, stop, write };
}

const endpoint = (name: string, more = "") => `- {name: ${name}, address: 127.0.0.1, port: "8000"${more}}\n`;

describe("loadEndpointsFile", () => {
  it("follows the file, and changes nothing at a reload that is wrong anywhere", () => {
    writeFileSync(path, `endpoints:\n${endpoint("a")}`);
    const { seen, write, stop } = follow(loadEndpointsFile(path), (endpoints) => endpoints.map(({ name }) => name));
    write(`endpoints:\n${endpoint("a")}${endpoint("b", ", prot: 1")}`);
    write(`endpoints:\n${endpoint("a")}${endpoint("b")}`);
    write("endpoints: []\n");
    stop();
    write(`endpoints:\n${endpoint("z")}`);
    expect(seen).toEqual([
      ["a"],
      [
        `${path}:3:47: endpoints[1].prot: unknown key, did you mean "port"?; found "prot"; allowed name, namespace, address, port, labels`,
      ],
      ["a", "b"],
      [],
    ]);
    expect(time.pending).toBe(0);
  });

  it("says that the file is gone and goes on with what it said", () => {
    writeFileSync(path, `endpoints:\n${endpoint("a")}`);
    const { seen, stop } = follow(loadEndpointsFile(path), (endpoints) => endpoints.length);
    time.advance(1000);
    rmSync(path);
    time.advance(3000);
    stop();
    expect(seen).toEqual([1, `cannot read ${path}: no such file`]);
  });

  it("refuses to start from a file that is missing or wrong, with the place", () => {
    expect(() => loadEndpointsFile(path)).toThrow(FileUnreadableError);
    writeFileSync(path, "endpoints:\n- {name: a}\n");
    expect(() => loadEndpointsFile(path)).toThrow(ConfigError);
    expect(() => loadEndpointsFile(path)).toThrow(`${path}:2:3: endpoints[0].address: missing key`);
  });
});

const objective = (priority: number) =>
  `{apiVersion: llm-d.ai/v1alpha2, kind: InferenceObjective, metadata: {name: chat}, spec: {priority: ${priority}}}\n`;
const slo = `---\n{apiVersion: attain.dev/v1alpha1, kind: InferenceSLO, metadata: {name: s}, spec: {objectiveRef: {name: chat}, ttft: 1s, target: "0.9"}}\n`;

describe("loadObjectivesFile", () => {
  it("makes a new table at each good reload and keeps the last one at a bad one", () => {
    writeFileSync(path, objective(1) + slo);
    const { seen, write, stop } = follow(loadObjectivesFile(path), ({ table }) => {
      const { priority, level } = table.find("chat");
      return [priority, level?.thresholds.ttftMs];
    });
    write(slo.slice(4));
    write(objective(2));
    stop();
    expect(seen).toEqual([[1, 1000], [expect.stringContaining("no InferenceObjective of this name")], [2, undefined]]);
  });

  it("tells warnings with the table", () => {
    writeFileSync(path, objective(1).replace("name: chat", "name: chat, annotations: {attain.dev/ttfb: 1s}"));
    expect(loadObjectivesFile(path).value.warnings.map(({ message }) => message)).toEqual([
      'unknown annotation, did you mean "attain.dev/ttft"?',
    ]);
  });
});
