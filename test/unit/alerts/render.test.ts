import { describe, expect, it } from "@jest/globals";
import { parse } from "yaml";
import type { ObjectiveWithLevel } from "#kubernetes";
import { defaultAlertOptions } from "../../../alerts/options.ts";
import { renderMixin, renderPrometheusRule, renderRules } from "../../../alerts/render.ts";
import { documentOf } from "../../../alerts/rule-document.ts";
import { ruleGroups } from "../../../alerts/rule-groups.ts";

const chat: ObjectiveWithLevel = {
  objective: { namespace: "default", name: "chat", poolName: "p", priority: 0 },
  level: { thresholds: { e2eMs: 1000 }, target: 0.9, periodMs: 7 * 86_400_000, sheddedAs: "missed" },
};
const document = documentOf(ruleGroups([chat], defaultAlertOptions), defaultAlertOptions);

describe("formats", () => {
  it("are the same rules in a rule file and in a PrometheusRule", () => {
    const object = parse(
      renderPrometheusRule(document, { name: "attain", labels: { release: "monitoring" } }),
    ) as Record<string, unknown>;
    expect(object).toMatchObject({
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PrometheusRule",
      metadata: { name: "attain", labels: { release: "monitoring" } },
    });
    expect(object["spec"]).toEqual(parse(renderRules(document)));
    expect(parse(renderRules(document))).toEqual(document);
  });

  it("are the same rules in a mixin, recordings and alerts under their keys", () => {
    const text = renderMixin(document);
    const json = text
      .replace(/^\/\/.*\n/, "")
      .replaceAll(/^ {2}(prometheus\w+)\+::/gm, '"$1":')
      .replace(/,\n\}\n$/, "}");
    const mixin = JSON.parse(json) as Record<string, typeof document>;
    expect(Object.keys(mixin)).toEqual(["prometheusRules", "prometheusAlerts"]);
    const rules = Object.values(mixin).flatMap(({ groups }) => groups.flatMap((group) => group.rules));
    const all = document.groups.flatMap((group) => group.rules);
    expect(rules.length).toBe(all.length);
    expect(all.filter((rule) => !rules.some((other) => JSON.stringify(other) === JSON.stringify(rule)))).toEqual([]);
    expect(mixin["prometheusRules"]!.groups.every((group) => group.rules.every((rule) => "record" in rule))).toBe(true);
  });

  it("are the same bytes each time", () => {
    const again = documentOf(ruleGroups([chat], defaultAlertOptions), defaultAlertOptions);
    expect(renderRules(again)).toBe(renderRules(document));
    expect(renderMixin(again)).toBe(renderMixin(document));
  });
});
