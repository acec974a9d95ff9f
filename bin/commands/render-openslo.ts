import type { Command } from "commander";
import { ConfigError, formatProblem } from "#config";
import { decodeObjectives } from "#kubernetes";
import { readTextFile } from "#shell";
import type { Bytes } from "#units";
import { openSloDocuments, renderOpenSlo } from "../../deploy/openslo/openslo.ts";
import { logLevelOption } from "../options.ts";

type Flags = { readonly objectivesFile: string; readonly pool?: string; readonly dataSource?: string };

const longestFile: Bytes = 16 * 2 ** 20;

/** @throws ConfigError, FileUnreadableError */
function run({ objectivesFile, pool, dataSource }: Flags): void {
  const decoded = decodeObjectives(readTextFile(objectivesFile, longestFile), { file: objectivesFile });
  if (!decoded.ok) throw new ConfigError(decoded.problems);
  const { objectives, warnings } = decoded.value;
  for (const warning of warnings) process.stderr.write(`attain: ${formatProblem(warning)}\n`);
  process.stdout.write(renderOpenSlo(openSloDocuments(objectives, { pool, dataSource })));
}

/** `attain render openslo`: the service levels for tools that read OpenSLO. */
export function registerRenderOpenSlo(render: Command): void {
  render
    .command("openslo")
    .description("OpenSLO v1 documents: an SLO for each InferenceSLO, and an SLI for each of its thresholds")
    .requiredOption("--objectives-file <path>", "InferenceObjective and InferenceSLO documents")
    .option("--pool <name>", "pool of every objective (the one that each names without it)")
    .option("--data-source <name>", "metricSourceRef of every query (only type Prometheus without it)")
    .addOption(logLevelOption("warn"))
    .addHelpText("after", "\nExample: attain render openslo --objectives-file objectives.yaml > openslo.yaml")
    .action(run);
}
