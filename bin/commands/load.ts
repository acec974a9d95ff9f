import { SingleBar } from "cli-progress";
import type { Command } from "commander";
import type { Milliseconds, NonEmpty } from "#units";
import { renderLoadReport } from "../../console/load-table.ts";
import type { LoadObjective } from "../../load/objective.ts";
import { LoadSpecError, parseObjectives } from "../../load/objective-spec.ts";
import { loadDefaults, type LoadOptions } from "../../load/options.ts";
import { loadShapes, type LoadShape } from "../../load/rate-spec.ts";
import { runLoad, type LoadProgress } from "../../load/shell/run.ts";
import { Option } from "commander";
import { UsageError } from "../failure.ts";
import { duration, logLevelOption, positive, toggle } from "../options.ts";

type Flags = {
  readonly url: string;
  readonly model: string;
  readonly objective: readonly string[];
  readonly duration: Milliseconds;
  readonly shape: LoadShape;
  readonly wavePeriod: Milliseconds;
  readonly seed: number;
  readonly maxInFlight: number;
  readonly insecure: boolean;
  readonly allowVoid: boolean;
  readonly records: boolean;
  readonly json: boolean;
};

function objectivesOf({ objective, shape, wavePeriod }: Flags): NonEmpty<LoadObjective> {
  try {
    return parseObjectives(objective, { shape, wavePeriodMs: wavePeriod });
  } catch (error) {
    if (error instanceof LoadSpecError) throw new UsageError("--objective", error.message.replace(/^--objective /, ""));
    throw error;
  }
}

function urlOf({ url }: Flags): string {
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new UsageError("--url", `"${url}" is not an http or https URL`);
  return url;
}

/** A bar on a terminal, nothing on a pipe. */
function progressBar(durationMs: Milliseconds): {
  readonly update: (progress: LoadProgress) => void;
  readonly stop: () => void;
} {
  if (!process.stderr.isTTY) return { update: () => {}, stop: () => {} };
  const bar = new SingleBar({
    format: "{bar} {percentage} % · sent {sent} · in flight {inFlight} · met {met} · missed {missed}",
    stream: process.stderr,
  });
  bar.start(durationMs, 0, { sent: 0, inFlight: 0, met: 0, missed: 0 });
  return {
    update: ({ elapsedMs, ...counts }) => bar.update(Math.min(elapsedMs, durationMs), counts),
    stop: () => bar.stop(),
  };
}

async function run(flags: Flags): Promise<void> {
  const options: LoadOptions = {
    ...loadDefaults,
    url: urlOf(flags),
    model: flags.model,
    objectives: objectivesOf(flags),
    durationMs: flags.duration,
    seed: flags.seed,
    maxInFlight: flags.maxInFlight,
    insecure: flags.insecure,
    records: flags.records,
  };
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort());
  const bar = progressBar(options.durationMs);
  const report = await runLoad(options, { onProgress: bar.update, signal: interrupted.signal });
  bar.stop();
  const text = flags.json ? JSON.stringify(report, undefined, 2) : renderLoadReport(report);
  process.stdout.write(`${text}\n`);
  if (report.voidBecause.length > 0 && !flags.allowVoid) {
    process.stderr.write(`attain: void run: ${report.voidBecause.join("; ")}\n`);
    process.exitCode = 1;
  }
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** `attain load`. */
export function registerLoad(program: Command): void {
  program
    .command("load")
    .description("open-loop load: requests go out at their planned times, whatever the earlier ones do")
    .requiredOption("--url <url>", "the gateway, such as http://127.0.0.1:8080")
    .requiredOption(
      "--objective <spec>",
      "name=chat,rate=5,prompt=200-400,output=50,ttft=500ms,tpot=50ms (repeat it)",
      collect,
    )
    .option("--model <name>", "model named in requests", loadDefaults.model)
    .option("--duration <duration>", "how long requests are sent", duration, loadDefaults.durationMs)
    .addOption(
      new Option("--shape <shape>", "how a plain rate goes over the run").choices([...loadShapes]).default("steady"),
    )
    .option("--wave-period <duration>", "low to high to low", duration, 60_000)
    .option("--seed <number>", "arrivals, prompts and lengths repeat with it", positive, loadDefaults.seed)
    .option(
      "--max-in-flight <count>",
      "arrivals above it are skipped, and the run is void",
      positive,
      loadDefaults.maxInFlight,
    )
    .addOption(toggle("--insecure", "take any certificate of an https URL", false))
    .addOption(toggle("--allow-void", "exit 0 even when the generator could not keep up", false))
    .addOption(toggle("--records", "with --json: one record a request", false))
    .option("--json", "print the report as JSON", false)
    .addOption(logLevelOption("warn"))
    .addHelpText(
      "after",
      "\nExample: attain load --url http://127.0.0.1:8080 --duration 60s --objective name=chat,rate=5,ttft=500ms,tpot=50ms,target=0.99 --objective name=batch,rate=1,e2e=20s,stream=0",
    )
    .action(run);
}
