import { Option, type Command } from "commander";
import type { Milliseconds } from "#units";
import { AlertPeriodError } from "../../alerts/burn-pairs.ts";
import { defaultAlertOptions, type AlertOptions } from "../../alerts/options.ts";
import { renderMixin, renderPrometheusRule, renderRules } from "../../alerts/render.ts";
import { documentOf, type RuleDocument } from "../../alerts/rule-document.ts";
import { ruleGroups } from "../../alerts/rule-groups.ts";
import { renderRunbook } from "../../alerts/runbook.ts";
import { UsageError } from "../failure.ts";
import { readObjectives } from "../objectives-file.ts";
import { duration, logLevelOption, positive } from "../options.ts";

type Format = "rules" | "prometheusrule" | "mixin" | "runbook";
type AlertFlags = {
  readonly objectivesFile?: string;
  readonly pool?: string;
  readonly format: Format;
  readonly job: string;
  readonly scrapeInterval: Milliseconds;
  readonly leastMissedPage: number;
  readonly leastMissedTicket: number;
  readonly runbookUrl: string;
  readonly grafanaUrl: string;
  readonly label: Readonly<Record<string, string>>;
};

const optionsOf = (flags: AlertFlags): AlertOptions => ({
  ...defaultAlertOptions,
  pool: flags.pool,
  job: flags.job,
  scrapeIntervalMs: flags.scrapeInterval,
  leastMissed: { page: flags.leastMissedPage, ticket: flags.leastMissedTicket },
  runbookUrl: flags.runbookUrl,
  grafanaUrl: flags.grafanaUrl,
});

/** @throws ConfigError, FileUnreadableError; UsageError where an objective's period is too short for the scrape interval */
function rulesOf(flags: AlertFlags): RuleDocument {
  const options = optionsOf(flags);
  const objectives = flags.objectivesFile === undefined ? [] : readObjectives(flags.objectivesFile);
  try {
    return documentOf(ruleGroups(objectives, options), options);
  } catch (error) {
    if (error instanceof AlertPeriodError) throw new UsageError("--scrape-interval", error.message);
    throw error;
  }
}

const renderers: Readonly<Record<Format, (flags: AlertFlags) => string>> = {
  rules: (flags) => renderRules(rulesOf(flags)),
  prometheusrule: (flags) => renderPrometheusRule(rulesOf(flags), { name: "attain", labels: flags.label }),
  mixin: (flags) => renderMixin(rulesOf(flags)),
  runbook: renderRunbook,
};

function collectLabel(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const [, name, value] = /^([^=]+)=(.*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new UsageError("--label", "name=value is allowed");
  return { ...before, [name]: value };
}

const examples =
  "\nExamples:\n  attain render alerts --objectives-file objectives.yaml > /etc/prometheus/rules/attain.yaml" +
  "\n  attain render alerts --objectives-file objectives.yaml --format prometheusrule --label release=prometheus | kubectl apply -f -" +
  "\n  attain render alerts --format runbook > runbook.md";

/** `attain render alerts`: recording rules, alerts and their runbook. */
export function registerRenderAlerts(render: Command): void {
  const { job, leastMissed, runbookUrl, grafanaUrl } = defaultAlertOptions;
  render
    .command("alerts")
    .description("recording rules and alerts of each objective, of pools and of pickers")
    .option(
      "--objectives-file <path>",
      "InferenceObjective and InferenceSLO documents (no rules of objectives without it)",
    )
    .option("--pool <name>", "pool of every objective (the one that each names without it)")
    .addOption(
      new Option("--format <format>", "what to print")
        .choices(Object.keys(renderers))
        .default("rules" satisfies Format),
    )
    .option("--job <name>", "job label of the pickers' scrapes", job)
    .option(
      "--scrape-interval <duration>",
      "how often pickers are scraped",
      duration,
      defaultAlertOptions.scrapeIntervalMs,
    )
    .option(
      "--least-missed-page <count>",
      "missed requests in the long window below which nothing pages",
      positive,
      leastMissed.page,
    )
    .option("--least-missed-ticket <count>", "the same for tickets", positive, leastMissed.ticket)
    .option("--runbook-url <url>", "where docs/runbook.md is served", runbookUrl)
    .option("--grafana-url <url>", "root of Grafana, before /d/", grafanaUrl)
    .option("--label <name=value>", "label of the PrometheusRule; may be repeated", collectLabel, {})
    .addOption(logLevelOption("warn"))
    .addHelpText("after", examples)
    .action((flags: AlertFlags) => void process.stdout.write(renderers[flags.format](flags)));
}
