import { Option, type Command } from "commander";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { defaultRenderOptions } from "../../dashboards/grafana/options.ts";
import { logLevelOption } from "../options.ts";

const names = ["slo-overview", "objective-detail", "pool", "flow-control", "picker-internals", "endpoints"] as const;

type DashboardFlags = {
  readonly out: string;
  readonly name?: (typeof names)[number];
  readonly format: "json" | "configmap";
  readonly runbookUrl: string;
};

async function run({ out, name, format, runbookUrl }: DashboardFlags): Promise<void> {
  // The dashboard library takes a while to load, and no other command needs it.
  const { allDashboards } = await import("../../dashboards/all-dashboards.ts");
  const { renderDashboard } = await import("../../dashboards/grafana/render.ts");
  const { renderConfigMaps } = await import("../../dashboards/grafana/config-map.ts");
  const options = { runbookUrl };
  const chosen = allDashboards.filter((dashboard) => name === undefined || dashboard.name === name);
  if (format === "configmap") {
    process.stdout.write(renderConfigMaps(chosen, options));
  } else if (name !== undefined) {
    for (const dashboard of chosen) process.stdout.write(renderDashboard(dashboard, options));
  } else {
    await mkdir(out, { recursive: true });
    for (const dashboard of chosen) {
      await writeFile(join(out, `${dashboard.name}.json`), renderDashboard(dashboard, options));
    }
  }
}

const examples =
  "\nExamples:\n  attain render dashboards --out /var/lib/grafana/dashboards" +
  "\n  attain render dashboards --name slo-overview > slo-overview.json" +
  "\n  attain render dashboards --format configmap --runbook-url https://wiki.example/runbook | kubectl apply -n monitoring -f -";

/** `attain render dashboards`: the Grafana dashboards. */
export function registerRenderDashboards(render: Command): void {
  render
    .command("dashboards")
    .description("Grafana dashboards: SLO overview, objective detail, pool, flow control, picker, endpoints")
    .option("--out <directory>", "where one JSON file a dashboard is written", "attain-dashboards")
    .addOption(new Option("--name <dashboard>", "print only this one, to stdout").choices(names))
    .addOption(
      new Option("--format <format>", "json files, or ConfigMaps for Grafana's sidecar on stdout")
        .choices(["json", "configmap"])
        .default("json"),
    )
    .option("--runbook-url <url>", "where docs/runbook.md is served", defaultRenderOptions.runbookUrl)
    .addOption(logLevelOption("warn"))
    .addHelpText("after", examples)
    .action(run);
}
