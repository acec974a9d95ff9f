import type { Command } from "commander";
import { RunGroup, type LogLevel } from "#shell";
import { settingsOfFlags, simulatorFlags } from "../../simulator/flags.ts";
import { startSimulator, type RunningSimulator } from "../../simulator/shell/server.ts";
import { logLevelOption } from "../options.ts";
import { loggerFor } from "../picker-flags.ts";

async function run({ logLevel, ...flags }: Readonly<Record<string, unknown>>): Promise<void> {
  const log = loggerFor("simulator", logLevel as LogLevel);
  const settings = settingsOfFlags(flags);
  let simulator: RunningSimulator | undefined;
  const group = new RunGroup({ log, graceMs: 5000 });
  group.add({
    name: "simulator",
    start: async () => {
      simulator = await startSimulator(settings);
      for (const { name, address, port } of simulator.endpoints)
        log.info("model server serves", { name, address, port });
    },
    stop: () => simulator?.close(),
  });
  await group.run();
}

/** `attain simulator`. */
export function registerSimulator(program: Command): void {
  const command = program
    .command("simulator")
    .description("model servers that answer like vLLM: API, metrics, prefix cache, LoRA, latency, faults");
  for (const { flags, description, defaultText } of simulatorFlags) {
    command.option(flags, defaultText === undefined ? description : `${description} (default: ${defaultText})`);
  }
  command
    .addOption(logLevelOption("info"))
    .addHelpText(
      "after",
      "\nExamples:\n  attain simulator --replicas 3 --port 8001\n  attain simulator --preset llama2-70b-h100-tp8 --fault-error-rate 0.01",
    )
    .action(run);
}
