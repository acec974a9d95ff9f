/**
 * Pictures of the dashboards with what a Prometheus knows, without Grafana:
 * node dashboards/shell/preview.ts --prometheus http://127.0.0.1:9090 [--out docs/dashboards] [--name pool] [--minutes 15]
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { allDashboards } from "../all-dashboards.ts";
import type { Dashboard, VariableName } from "../panel.ts";
import { answered, type View } from "../preview/answer.ts";
import { pageOf, type ChartLibrary } from "../preview/page.ts";
import { labelVariables, quantileChoices } from "../variable.ts";
import { Prometheus } from "./prometheus.ts";
import { screenshot } from "./screenshot.ts";

const { values: flags } = parseArgs({
  options: {
    prometheus: { type: "string", default: "http://127.0.0.1:9090" },
    out: { type: "string", default: "docs/dashboards" },
    name: { type: "string" },
    minutes: { type: "string", default: "15" },
    /** The only objective shown, instead of all. */
    objective: { type: "string" },
    /** Seconds between two scrapes. */
    scrape: { type: "string", default: "5" },
    /** Keeps the pages beside the pictures. */
    html: { type: "boolean", default: false },
  },
});

const points = 180;

async function chartLibrary(): Promise<ChartLibrary> {
  const near = (file: string): string => fileURLToPath(new URL(file, import.meta.resolve("uplot")));
  const [script, style] = await Promise.all(
    ["uPlot.iife.min.js", "uPlot.min.css"].map((file) => readFile(near(file), "utf8")),
  );
  return { script: script!, style: style! };
}

/** What Grafana would offer to choose from, all of it chosen. */
async function valuesOf(prometheus: Prometheus, names: readonly VariableName[]): Promise<View["values"]> {
  const values: Partial<Record<VariableName, readonly string[]>> = {};
  for (const name of names) {
    if (name === "quantile") continue;
    const [, selector = "", label = ""] = /^label_values\((.*), (\w+)\)$/.exec(labelVariables[name].query) ?? [];
    values[name] = await prometheus.labelValues(label, selector.replaceAll(/\$\w+/g, ".*"));
  }
  return flags.objective === undefined ? values : { ...values, objective: [flags.objective] };
}

async function viewOf(prometheus: Prometheus, { variables }: Dashboard, nowSeconds: number): Promise<View> {
  const rangeSeconds = Number(flags.minutes) * 60;
  const scrapeSeconds = Number(flags.scrape);
  const stepSeconds = Math.max(scrapeSeconds, Math.ceil(rangeSeconds / points));
  const toSeconds = Math.floor(nowSeconds / stepSeconds) * stepSeconds;
  return {
    grid: { fromSeconds: toSeconds - rangeSeconds, toSeconds, stepSeconds },
    values: await valuesOf(prometheus, variables),
    quantile: quantileChoices[0],
    substitution: {
      rangeMs: rangeSeconds * 1000,
      intervalMs: stepSeconds * 1000,
      rateIntervalMs: Math.max(4 * scrapeSeconds, stepSeconds + scrapeSeconds) * 1000,
    },
  };
}

const prometheus = new Prometheus(flags.prometheus);
const library = await chartLibrary();
await mkdir(flags.out, { recursive: true });
for (const dashboard of allDashboards.filter(({ name }) => flags.name === undefined || name === flags.name)) {
  const view = await viewOf(prometheus, dashboard, Date.now() / 1000);
  const page = pageOf(await answered(dashboard, prometheus, view), library);
  const file = resolve(flags.out, `${dashboard.name}.png`);
  if (flags.html) await writeFile(join(flags.out, `${dashboard.name}.html`), page.html);
  await screenshot(page, file);
  process.stdout.write(`${file}\n`);
}
