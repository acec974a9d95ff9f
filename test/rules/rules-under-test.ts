import type { ObjectiveWithLevel } from "#kubernetes";
import { defaultPeriodMs } from "#objective";
import type { AlertName } from "../../alerts/alert-name.ts";
import { defaultAlertOptions, type AlertOptions } from "../../alerts/options.ts";
import { documentOf, type RuleDocument, type RuleOfDocument } from "../../alerts/rule-document.ts";
import { ruleGroups } from "../../alerts/rule-groups.ts";

/** Objective chat of pool p, over 28 days. */
export const chat = (target: number): ObjectiveWithLevel => ({
  objective: { namespace: "default", name: "chat", poolName: "p", priority: 1 },
  level: { thresholds: { ttftMs: 500 }, target, periodMs: defaultPeriodMs, sheddedAs: "missed" },
});

/** All rules for objective chat with this target. */
export const rulesFor = (target: number, options: AlertOptions = defaultAlertOptions): RuleDocument =>
  documentOf(ruleGroups([chat(target)], options), options);

/** The recorded series of rules: those that they write, or those that they read. */
const written = (rule: RuleOfDocument): string => `${rule.record} ${windowOf(rule) ?? ""}`;
const windowOf = ({ labels }: RuleOfDocument): string | undefined => labels?.["window"];
const read = (rule: RuleOfDocument): readonly string[] =>
  [...rule.expr.matchAll(/(objective:[a-z_:]+)\{(?:[^}]*window!?="([^"]+)")?/g)].map(
    ([, name, window]) => `${name} ${window ?? ""}`,
  );

/** The rules and the recordings that they need, directly or through others. */
function withNeeds(rules: readonly RuleOfDocument[], recordings: readonly RuleOfDocument[]): readonly RuleOfDocument[] {
  const needed = new Set(rules.flatMap(read));
  for (const name of needed) {
    for (const rule of recordings) if (written(rule) === name) for (const other of read(rule)) needed.add(other);
  }
  return [...recordings.filter((rule) => needed.has(written(rule))), ...rules];
}

const selected = (
  { groups }: RuleDocument,
  choose: (rules: readonly RuleOfDocument[]) => readonly RuleOfDocument[],
): RuleDocument => ({
  groups: groups.map((group) => ({ ...group, rules: choose(group.rules) })).filter(({ rules }) => rules.length > 0),
});

const isRecording = (rule: RuleOfDocument): boolean => "record" in rule;

/** One alert and the recordings that it needs, so that a case says nothing of the others. */
export const onlyAlert = (document: RuleDocument, alert: AlertName): RuleDocument =>
  selected(document, (rules) =>
    withNeeds(
      rules.filter((rule) => rule.alert === alert),
      rules.filter(isRecording),
    ),
  );

/** Recordings without alerts. */
export const onlyRecordings = (document: RuleDocument): RuleDocument =>
  selected(document, (rules) => rules.filter(isRecording));
