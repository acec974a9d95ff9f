import type { Command } from "commander";
import { openSloDocuments, renderOpenSlo } from "../../deploy/openslo/openslo.ts";
import { readObjectives } from "../objectives-file.ts";
import { logLevelOption } from "../options.ts";

type Flags = { readonly objectivesFile: string; readonly pool?: string; readonly dataSource?: string };

/** @throws ConfigError, FileUnreadableError */
function run({ objectivesFile, pool, dataSource }: Flags): void {
  process.stdout.write(renderOpenSlo(openSloDocuments(readObjectives(objectivesFile), { pool, dataSource })));
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
