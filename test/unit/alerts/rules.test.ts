import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { alertNamePrefix, allRecorded } from "#metrics";
import type { ObjectiveWithLevel } from "#kubernetes";
import { alertNames } from "../../../alerts/alert-name.ts";
import { defaultAlertOptions, type AlertOptions } from "../../../alerts/options.ts";
import type { AlertRule, RecordingRule } from "../../../alerts/rule.ts";
import { documentOf } from "../../../alerts/rule-document.ts";
import { ruleGroups } from "../../../alerts/rule-groups.ts";
import { renderRunbook, runbook } from "../../../alerts/runbook.ts";
import { usageProblems } from "../../support/promql-usage.ts";

const day = 86_400_000;
type Choice = { readonly priority?: number; readonly sheddedAs?: "missed" | "excluded"; readonly poolName?: string };
const objective = (
  name: string,
  { priority = 0, sheddedAs = "missed", poolName }: Choice = {},
  target = 0.99,
): ObjectiveWithLevel => ({
  objective: { namespace: "default", name, poolName, priority },
  level: { thresholds: { ttftMs: 500 }, target, periodMs: 28 * day, sheddedAs },
});
const rulesOf = (objectives: readonly ObjectiveWithLevel[], options: AlertOptions = defaultAlertOptions) =>
  ruleGroups(objectives, options).flatMap(({ rules }) => rules);
const isAlert = (rule: AlertRule | RecordingRule): rule is AlertRule => rule.kind === "alert";
const isRecording = (rule: AlertRule | RecordingRule): rule is RecordingRule => rule.kind === "record";
const alertsOf = (...given: Parameters<typeof rulesOf>) => rulesOf(...given).filter(isAlert);

describe("every rule", () => {
  const objectives = fc.uniqueArray(
    fc.record({
      name: fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?$/),
      poolName: fc.option(fc.stringMatching(/^[a-z]{1,8}$/), { nil: undefined }),
      priority: fc.integer({ min: -3, max: 3 }),
      sheddedAs: fc.constantFrom("missed", "excluded"),
      target: fc.double({ min: 0.01, max: 0.99999, noNaN: true }),
    }),
    { maxLength: 3, selector: ({ name }) => name },
  );

  it("is PromQL over series and labels of the catalogue", () => {
    fc.assert(
      fc.property(objectives, fc.option(fc.constant("p"), { nil: undefined }), (given, pool) => {
        const entries = given.map(({ name, target, poolName, ...rest }) =>
          objective(name, { ...rest, ...(poolName !== undefined && { poolName }) }, target),
        );
        const rules = rulesOf(entries, { ...defaultAlertOptions, pool });
        expect(usageProblems(rules.map(({ expression }) => expression.text))).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it("is one of at most 40 in its group, and records before it alerts", () => {
    for (const { rules } of ruleGroups([objective("chat")], defaultAlertOptions)) {
      expect(rules.length).toBeLessThanOrEqual(40);
      expect(rules.slice(rules.findIndex(isAlert)).every(isAlert)).toBe(true);
    }
  });
});

describe("recorded series", () => {
  it("are called level:metric:operation", () => {
    for (const { name } of allRecorded) expect(name).toMatch(/^objective:attain_[a-z_]+:[a-z_]+$/);
  });

  it("are exactly those of the catalogue, with its labels", () => {
    const recordings = rulesOf([objective("chat", { poolName: "p" })]).filter(isRecording);
    const written = new Map(recordings.map(({ record, labels }) => [record, Object.keys(labels).toSorted()]));
    expect(Object.fromEntries(written)).toEqual(
      Object.fromEntries(allRecorded.map(({ name, labels }) => [name, labels.toSorted()])),
    );
  });

  it("are read under the names under which they are written", () => {
    const rules = rulesOf([objective("chat", { poolName: "p" })]);
    const written = new Set(
      rules.filter(isRecording).map(({ record, labels }) => `${record} ${labels["window"] ?? ""}`),
    );
    const selectors = rules.flatMap(({ expression }) => [
      ...expression.text.matchAll(/(objective:[a-z_:]+)\{pool="p",objective="chat"(?:,window="([^"]+)")?\}/g),
    ]);
    const read = selectors.map((match) => `${match[1]} ${match[2] ?? ""}`);
    expect(read.length).toBeGreaterThan(20);
    expect(read.filter((series) => !written.has(series))).toEqual([]);
  });
});

describe("alerts", () => {
  it("are all there, each with the annotations that a person needs", () => {
    const { groups } = documentOf(
      ruleGroups([objective("chat", { poolName: "p" })], {
        ...defaultAlertOptions,
        runbookUrl: "https://wiki/runbook",
      }),
      { ...defaultAlertOptions, runbookUrl: "https://wiki/runbook", grafanaUrl: "https://grafana" },
    );
    const alerts = groups.flatMap(({ rules }) => rules).filter((rule) => "alert" in rule);
    expect(new Set(alerts.map(({ alert }) => alert))).toEqual(new Set(alertNames));
    const headings = new Set([...renderRunbook().matchAll(/^## (.+)$/gm)].map((match) => match[1]!.toLowerCase()));
    for (const { alert, labels, annotations } of alerts) {
      expect(alert?.startsWith(alertNamePrefix)).toBe(true);
      expect(["critical", "warning", "info"]).toContain(labels?.["severity"]);
      const { summary, description, runbook_url, dashboard_url } = annotations ?? {};
      expect(summary).toMatch(/^[A-Z][^{}]*\.$/);
      expect(description).toMatch(/\.$/);
      expect(headings.has(runbook_url!.replace("https://wiki/runbook#", ""))).toBe(true);
      expect(dashboard_url).toMatch(/^https:\/\/grafana\/d\/attain-[a-z-]+(\?var-|$)/);
    }
  });

  it("page and keep firing, or are tickets and do not", () => {
    for (const { severity, keepFiringMs } of alertsOf([objective("chat")])) {
      expect(keepFiringMs !== undefined).toBe(severity === "critical");
    }
  });

  it("page for sheds of the top class of a pool only, and are silent on sheds that are excluded", () => {
    const severities = alertsOf([
      objective("top", { priority: 2, poolName: "p" }),
      objective("low", { priority: 0, poolName: "p" }),
      objective("batch", { priority: -1, poolName: "p", sheddedAs: "excluded" }),
      objective("other", { priority: 1, poolName: "q" }),
    ])
      .filter(({ alert }) => alert === "AttainSheddingHigh")
      .map(({ labels, severity }) => [labels?.["objective"], severity]);
    expect(severities).toEqual([
      ["top", "critical"],
      ["low", "warning"],
      ["other", "critical"],
    ]);
  });

  it("leave out objectives that promise nothing", () => {
    const { objective: chat } = objective("chat");
    expect(
      alertsOf([{ objective: chat, level: undefined }]).some(({ labels }) => labels?.["objective"] === "chat"),
    ).toBe(false);
  });

  it("ask for the pool of the installation, else the objective's, else keep the label", () => {
    const burn = (options: AlertOptions, poolName?: string): string =>
      alertsOf([objective("chat", poolName === undefined ? {} : { poolName })], options)[0]!.expression.text;
    expect(burn({ ...defaultAlertOptions, pool: "own" }, "named")).toContain('{pool="own",objective="chat"');
    expect(burn(defaultAlertOptions, "named")).toContain('{pool="named",objective="chat"');
    expect(burn(defaultAlertOptions)).toContain('{objective="chat",window="1h"} > 0.1344');
  });
});

describe("the runbook", () => {
  it("asks in PromQL over series and labels of the catalogue", () => {
    const queries = Object.values(runbook).flatMap((section) => section.queries);
    expect(usageProblems(queries.map(({ expression }) => expression.text))).toEqual([]);
  });

  it.each(alertNames)("says what to do about %s", (name) => {
    const { symptom, meaning, queries, causes, fixes } = runbook[name];
    expect([symptom, meaning, ...causes, ...fixes].every((text) => text.endsWith("."))).toBe(true);
    expect(queries).toHaveLength(3);
    expect(Math.min(causes.length, fixes.length)).toBeGreaterThan(0);
  });
});
