import { parser } from "@prometheus-io/lezer-promql";
import { durationText } from "#promql";
import { parseDuration } from "#units";
import type { RuleDocument, RuleOfDocument } from "../../alerts/rule-document.ts";

/** The rules with one thing changed in all that were made by the same line of the generator. */
export type Mutant = { readonly rule: string; readonly change: string; readonly document: RuleDocument };

/** By name of a node of the grammar: what stands there instead. */
const swaps: Readonly<Record<string, string>> = {
  Gtr: "<",
  Gte: "<",
  Lss: ">",
  Lte: ">",
  EqlC: "!=",
  And: "unless",
  Or: "and",
  Div: "*",
  Mul: "+",
  Sub: "+",
  Sum: "max",
  Max: "min",
  Avg: "max",
  MaxOverTime: "min_over_time",
  MinOverTime: "max_over_time",
  EqlSingle: "!=",
  EqlRegex: "!~",
};

const scaledDuration = (text: string, factor: number): string => durationText((parseDuration(text) ?? 0) * factor);
const scaledNumber = (text: string, factor: number): string =>
  Number(text) === 0 ? String(factor === 2 ? 1 : -1) : String(Number(text) * factor);

function insteadOf(name: string, text: string): readonly string[] {
  if (name in swaps) return [swaps[name]!];
  if (name === "NumberDurationLiteral") return [2, 0.5].map((factor) => scaledNumber(text, factor));
  if (name === "NumberDurationLiteralInDurationContext") return [2, 0.5].map((factor) => scaledDuration(text, factor));
  return [];
}

type Edit = { readonly change: string; readonly rule: RuleOfDocument };

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

function expressionEdits(rule: RuleOfDocument): readonly Edit[] {
  const text = textOf(rule.expr);
  const edits: Edit[] = [];
  parser.parse(text).iterate({
    enter({ name, from, to }) {
      for (const instead of insteadOf(name, text.slice(from, to))) {
        const change = `${text.slice(0, from)}⟦${text.slice(from, to)} → ${instead}⟧${text.slice(to)}`;
        edits.push({ change, rule: { ...rule, expr: text.slice(0, from) + instead + text.slice(to) } });
      }
    },
  });
  return edits;
}

const durationEdits = (rule: RuleOfDocument): readonly Edit[] =>
  (["for", "keep_firing_for"] as const).flatMap((key) => {
    const text = rule[key];
    if (typeof text !== "string") return [];
    return [2, 0.5].map((factor): Edit => {
      const instead = scaledDuration(text, factor);
      return { change: `${key}: ⟦${text} → ${instead}⟧`, rule: { ...rule, [key]: instead } };
    });
  });

const nameOf = (rule: RuleOfDocument): string => textOf(rule.alert ?? rule.record);

/** Every operator, number, window and duration of the rules changed, one at a time; alike in rules of one name. */
export function mutantsOf(document: RuleDocument): readonly Mutant[] {
  const rules = document.groups.flatMap((group) => group.rules);
  return [...new Set(rules.map(nameOf))].flatMap((name) => {
    const alike = rules.filter((rule) => nameOf(rule) === name);
    const edits = alike.map((rule) => [...expressionEdits(rule), ...durationEdits(rule)]);
    return edits[0]!.map(({ change }, i): Mutant => {
      const changed = new Map(alike.map((rule, index) => [rule, edits[index]![i]?.rule ?? rule]));
      const groups = document.groups.map((group) => ({
        ...group,
        rules: group.rules.map((rule) => changed.get(rule) ?? rule),
      }));
      return { rule: name, change, document: { groups } };
    });
  });
}
