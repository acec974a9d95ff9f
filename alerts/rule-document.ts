import { durationText } from "#promql";
import type { AlertName } from "./alert-name.ts";
import type { AlertOptions } from "./options.ts";
import type { AlertRule, RecordingRule, RuleGroup } from "./rule.ts";
import { runbook } from "./runbook.ts";

/** Rules as Prometheus reads them. */
export type RuleDocument = { readonly groups: readonly GroupDocument[] };
type GroupDocument = { readonly name: string; readonly interval: string; readonly rules: readonly RuleOfDocument[] };
type Texts = Readonly<Record<string, string>>;

/** A recording rule has `record`, an alerting rule the other fields. */
export type RuleOfDocument = {
  readonly record?: string;
  readonly alert?: AlertName;
  readonly expr: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
  readonly labels?: Texts;
  readonly annotations?: Texts;
};

/** The anchor of an alert's section, as renderers of Markdown make it of the heading. */
const anchorOf = (alert: AlertName): string => alert.toLowerCase();

function annotationsOf({ alert, description }: AlertRule, { runbookUrl, grafanaUrl }: AlertOptions) {
  const { summary, dashboard } = runbook[alert];
  const variables = dashboard.variables.map((name) => `var-${name}={{ $labels.${name} }}`).join("&");
  return {
    summary,
    description,
    runbook_url: `${runbookUrl}#${anchorOf(alert)}`,
    dashboard_url: `${grafanaUrl}/d/${dashboard.uid}${variables === "" ? "" : `?${variables}`}`,
  };
}

function ruleDocument(rule: RecordingRule | AlertRule, options: AlertOptions): RuleOfDocument {
  const expr = rule.expression.text;
  if (rule.kind === "record") {
    const { record, labels } = rule;
    return { record, expr, ...(Object.keys(labels).length > 0 && { labels }) };
  }
  return {
    alert: rule.alert,
    expr,
    ...(rule.forMs > 0 && { for: durationText(rule.forMs) }),
    ...(rule.keepFiringMs !== undefined && { keep_firing_for: durationText(rule.keepFiringMs) }),
    labels: { severity: rule.severity, ...rule.labels },
    annotations: annotationsOf(rule, options),
  };
}

/** The content of a rule file. */
export const documentOf = (groups: readonly RuleGroup[], options: AlertOptions): RuleDocument => ({
  groups: groups.map(({ name, intervalMs, rules }) => ({
    name,
    interval: durationText(intervalMs),
    rules: rules.map((rule) => ruleDocument(rule, options)),
  })),
});
