import { stringify } from "yaml";
import type { RuleDocument } from "./rule-document.ts";

const note = "# Made by `attain render alerts`. Change the objectives or the options, and render again.\n";
const yaml = (value: unknown): string => note + stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });

/** A rule file for `rule_files`. */
export const renderRules = (document: RuleDocument): string => yaml(document);

/** A PrometheusRule of the Prometheus Operator; its `spec` is the rule file. */
export const renderPrometheusRule = (
  document: RuleDocument,
  metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> },
): string => {
  const { name, labels } = metadata;
  return yaml({
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: { name, ...(Object.keys(labels).length > 0 && { labels }) },
    spec: document,
  });
};

const only = ({ groups }: RuleDocument, key: "alert" | "record"): RuleDocument => ({
  groups: groups
    .map((group) => ({ ...group, rules: group.rules.filter((rule) => key in rule) }))
    .filter(({ rules }) => rules.length > 0),
});

const field = (name: string, value: unknown): string =>
  `  ${name}+:: ${JSON.stringify(value, undefined, 2).replaceAll("\n", "\n  ")},\n`;

/** A monitoring mixin: JSON inside Jsonnet, with recordings and alerts under the two keys that its tools look for. */
export const renderMixin = (document: RuleDocument): string =>
  `${note.replace("#", "//")}{\n${field("prometheusRules", only(document, "record"))}${field("prometheusAlerts", only(document, "alert"))}}\n`;
