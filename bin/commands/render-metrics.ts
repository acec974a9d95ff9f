import type { Command } from "commander";
import { metricsDocument } from "#metrics";
import { logLevelOption } from "../options.ts";

/** `attain render metrics`: the metric catalogue as a page. */
export function registerRenderMetrics(render: Command): void {
  render
    .command("metrics")
    .description("every metric and recorded series as a Markdown page")
    .addOption(logLevelOption("warn"))
    .addHelpText("after", "\nExample: attain render metrics > metrics.md")
    .action(() => void process.stdout.write(metricsDocument()));
}
