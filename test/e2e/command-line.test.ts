/** What each command says and how it exits, as a shell sees it. */
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { endpointsText } from "./support/pool-files.ts";
import { attain, type Ended } from "./support/program.ts";
import { stopAfterTests } from "./support/started.ts";

const commands = [
  [],
  ["demo"],
  ["picker"],
  ["gateway"],
  ["simulator"],
  ["load"],
  ["render"],
  ["render", "envoy"],
  ["render", "alerts"],
  ["render", "dashboards"],
  ["render", "metrics"],
  ["render", "openslo"],
  ["status"],
  ["explain"],
  ["explain", "request"],
  ["explain", "misses"],
  ["doctor"],
] as const;
const freePorts = ["--grpc-port", "0", "--grpc-health-port", "0", "--metrics-port", "0"];
const loopback = ["--bind-address", "127.0.0.1"];

/** What is said to a person; log lines, which are JSON on a pipe, left out. */
const toldOf = ({ stderr }: Ended): readonly string[] =>
  stderr.split("\n").filter((line) => line !== "" && !line.startsWith("{"));

/** Runs as many at a time as the smallest machines have cores. */
async function runAll(argumentLists: readonly (readonly string[])[]): Promise<readonly Ended[]> {
  const ends: Ended[] = [];
  for (let i = 0; i < argumentLists.length; i += 2) {
    ends.push(...(await Promise.all(argumentLists.slice(i, i + 2).map((args) => attain(...args)))));
  }
  return ends;
}

describe("attain on the command line", () => {
  const started = stopAfterTests();
  let files: { readonly good: string; readonly bad: Readonly<Record<"config" | "endpoints" | "objectives", string>> };

  beforeAll(async () => {
    const folder = await started.folder();
    const write = async (name: string, text: string): Promise<string> => {
      const path = join(folder, name);
      await writeFile(path, text);
      return path;
    };
    const kind = "apiVersion: llm-d.ai/v1alpha1\nkind: EndpointPickerConfig\n";
    const slo = "apiVersion: attain.dev/v1alpha1\nkind: InferenceSLO\nmetadata: {name: a}\n";
    files = {
      good: await write("good.yaml", endpointsText([])),
      bad: {
        config: await write("config.yaml", `${kind}plugins:\n- type: queue-scorer\n- type: no-such-scorer\n`),
        endpoints: await write("endpoints.yaml", 'endpoints:\n- {name: a, address: nowhere, port: "80"}\n'),
        objectives: await write(
          "objectives.yaml",
          `${slo}spec: {objectiveRef: {name: a}, ttft: soon, target: "0.9"}\n`,
        ),
      },
    };
  });

  it("explains every command with an example and exits 0", async () => {
    const ends = await runAll(commands.map((command) => [...command, "--help"]));
    for (const [index, { code, stdout, stderr }] of ends.entries()) {
      const command = commands[index]!.join(" ");
      expect([command, code, stderr]).toEqual([command, 0, ""]);
      expect(stdout).toContain(`Usage: attain ${command}`.trimEnd());
      if (!["", "render", "explain"].includes(command)) expect(stdout).toMatch(/Examples?: *\n? *(attain|npm)/);
    }
  });

  it("prints its version alone", async () => {
    expect(await attain("--version")).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it("exits 2 for arguments that cannot be, and names the option", async () => {
    const cases = [
      { args: ["no-such-command"], says: /unknown command 'no-such-command'/ },
      { args: ["picker", "--no-such-flag"], says: /unknown option '--no-such-flag'/ },
      { args: ["picker", "--grpc-port", "http"], says: /--grpc-port.*'http'.*whole number from 0 to 65535/ },
      { args: ["picker", ...freePorts], says: /^attain: --endpoints-file: / },
      { args: ["gateway"], says: /^attain: --endpoints: / },
      { args: ["gateway", "--endpoints", "model-server"], says: /--endpoints.*"model-server" is not ip:port/ },
      { args: ["load", "--url", "http://127.0.0.1:1"], says: /'--objective <spec>' not specified/ },
      { args: ["load", "--url", "nowhere", "--objective", "name=a,rate=1"], says: /^attain: --url: "nowhere"/ },
      { args: ["simulator", "--replicas", "0"], says: /^attain: .*--replicas.*"0"/ },
      { args: ["demo", "--for", "ever"], says: /--for.*'ever'.*a duration such as/ },
    ];
    const ends = await runAll(cases.map(({ args }) => args));
    for (const [index, end] of ends.entries()) {
      const { args, says } = cases[index]!;
      expect([args, end.code, end.stdout]).toEqual([args, 2, ""]);
      expect(toldOf(end)[0]).toMatch(says);
      expect(end.stderr).not.toContain("    at ");
    }
  });

  it("exits 2 for a file that cannot be used, and points at the place in one line", async () => {
    const { good, bad } = files;
    const withEndpoints = ["--endpoints-file", good, ...loopback];
    const cases = [
      {
        args: ["picker", "--config-file", bad.config, ...withEndpoints, ...freePorts],
        says: `${bad.config}:5:9: plugins[1].type: unknown plugin type; found "no-such-scorer"`,
      },
      {
        args: ["picker", "--endpoints-file", bad.endpoints, ...loopback, ...freePorts],
        says: `${bad.endpoints}:2:22: endpoints[0].address: wrong form; found "nowhere"`,
      },
      {
        args: ["picker", "--objectives-file", bad.objectives, ...withEndpoints, ...freePorts],
        says: `${bad.objectives}:4:39: spec.ttft: wrong form; found "soon"`,
      },
      {
        args: ["gateway", "--config-file", bad.config, ...withEndpoints, "--port", "0", "--metrics-port", "0"],
        says: `${bad.config}:5:9: plugins[1].type`,
      },
      { args: ["picker", "--config-file", `${good}.not`, ...withEndpoints, ...freePorts], says: "--config-file" },
      { args: ["picker", "--endpoints-file", `${good}.not`, ...loopback, ...freePorts], says: `${good}.not` },
    ];
    const ends = await runAll(cases.map(({ args }) => args));
    for (const [index, end] of ends.entries()) {
      const { args, says } = cases[index]!;
      expect([args, end.code, end.stdout]).toEqual([args, 2, ""]);
      expect(toldOf(end)).toEqual([expect.stringContaining(says)]);
    }
  });

  it("exits 1 where a port is taken, whichever it is", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    started.keep({ stop: () => void holder.close() });
    const { port } = holder.address() as AddressInfo;
    const taken = String(port);
    const picker = ["picker", ...loopback, "--endpoints-file", files.good, ...freePorts];
    const ends = await runAll([
      [...picker, "--grpc-port", taken],
      [...picker, "--grpc-health-port", taken],
      [...picker, "--metrics-port", taken],
      ["gateway", ...loopback, "--endpoints-file", files.good, "--metrics-port", "0", "--port", taken],
      ["simulator", "--port", taken],
    ]);
    for (const end of ends) {
      expect([end.code, end.stdout]).toEqual([1, ""]);
      expect(toldOf(end)).toEqual([
        expect.stringMatching(new RegExp(`^attain: .*127\\.0\\.0\\.1:${taken}: .*EADDRINUSE`)),
      ]);
    }
  });
});
