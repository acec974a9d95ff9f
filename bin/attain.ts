#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { describeFailure, exitCodeOf } from "./failure.ts";
import { registerDemo } from "./commands/demo.ts";
import { registerDoctor } from "./commands/doctor.ts";
import { registerExplain } from "./commands/explain.ts";
import { registerGateway } from "./commands/gateway.ts";
import { registerLoad } from "./commands/load.ts";
import { registerPicker } from "./commands/picker.ts";
import { registerRender } from "./commands/render.ts";
import { registerSimulator } from "./commands/simulator.ts";
import { registerStatus } from "./commands/status.ts";
import { version } from "./version.ts";

// Whoever reads our output may stop early (`attain … | head`): that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

const program = new Command("attain")
  .description("SLO-driven Endpoint Picker for Kubernetes inference pools, and everything to try it on one machine")
  .version(version)
  .exitOverride()
  .showHelpAfterError("(--help shows what is allowed)")
  .addHelpText("after", "\nStart with: attain demo");

for (const register of [
  registerDemo,
  registerPicker,
  registerGateway,
  registerSimulator,
  registerLoad,
  registerStatus,
  registerExplain,
  registerDoctor,
  registerRender,
]) {
  register(program);
}
// Errors of subcommands must reach the catch below, too.
for (const command of program.commands) {
  command.exitOverride();
  for (const nested of command.commands) nested.exitOverride();
}

try {
  await program.parseAsync();
} catch (error) {
  // Commander has already said what is wrong with the arguments, or printed the help that was asked for.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    process.stderr.write(`attain: ${describeFailure(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}
