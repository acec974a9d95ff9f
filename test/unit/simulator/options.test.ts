import { describe, expect, it } from "@jest/globals";
import { Command } from "commander";
import { ConfigError } from "#config";
import { settingsOfFlags, simulatorFlags } from "../../../simulator/flags.ts";
import { resolveSettings } from "../../../simulator/options.ts";
import { presetNames, presets } from "../../../simulator/presets.ts";
import { engineConfigProblems } from "../../../simulator/engine/engine-request.ts";

/** The paths that a ConfigError complains about. */
function complaints(run: () => unknown): readonly string[] {
  try {
    run();
  } catch (caught) {
    if (caught instanceof ConfigError) return caught.data.problems.map(({ path }) => path);
    throw caught;
  }
  return [];
}

function parse(...args: readonly string[]) {
  const command = new Command();
  for (const { flags, description } of simulatorFlags) command.option(flags, description);
  command.parse(args, { from: "user" });
  return resolveSettings(settingsOfFlags(command.opts()));
}

describe("flags", () => {
  it("mean the defaults when none is given", () => expect(parse()).toEqual(resolveSettings({})));

  it("arrive where they belong", () => {
    const given =
      "--port 0 --replicas 3 --model m --served-model-name x,,y --lora a,b --max-loras 4 --max-num-seqs 8 " +
      "--num-gpu-blocks 99 --block-size 32 --seed 7 --enable-prefix-caching false --preset llama2-70b-h100-tp4 " +
      "--mean-output-tokens 9 --fault-error-rate 0.5 --fault-latency-duration 30s --fault-latency-factor 2 " +
      "--fault-freeze-metrics --fault-hang --fault-error-status 500 --speed 2";
    const options = parse(...given.split(" "));
    expect(options).toMatchObject({
      basePort: 0,
      replicas: 3,
      servedNames: ["x", "y"],
      loras: ["a", "b"],
      seed: 7,
      speed: 2,
      lengths: { meanTokens: 9 },
      engine: {
        ...presets["llama2-70b-h100-tp4"],
        maxLoras: 4,
        maxNumSeqs: 8,
        numGpuBlocks: 99,
        blockSize: 32,
        prefixCaching: false,
      },
      faults: {
        errorRate: 0.5,
        errorStatus: 500,
        latencyFactor: 2,
        latencyDurationMs: 30_000,
        freezeMetrics: true,
        hang: true,
      },
    });
  });

  it.each([
    { args: ["--replicas", "0"], want: "--replicas" },
    { args: ["--fault-error-rate", "1.5"], want: "--fault-error-rate" },
    { args: ["--fault-error-status", "200"], want: "--fault-error-status" },
    { args: ["--fault-latency-duration", "30"], want: "--fault-latency-duration" },
    { args: ["--preset", "gpt"], want: "--preset" },
    { args: ["--max-num-seqs", "many"], want: "--max-num-seqs" },
    { args: ["--max-num-batched-tokens", "3"], want: "maxNumBatchedTokens" },
    { args: ["--port", "65535", "--replicas", "2"], want: "basePort" },
    { args: ["--lora", "m", "--model", "m"], want: "loras" },
  ])("refuses $args", ({ args, want }) => expect(complaints(() => parse(...args))).toEqual([want]));

  it("refuses a flag that it does not know", () => {
    expect(complaints(() => settingsOfFlags({ portt: "1" }))).toEqual(["--portt"]);
  });
});

describe("presets", () => {
  it.each(presetNames)("%s can run", (name) => expect(engineConfigProblems(presets[name])).toEqual([]));
});
