import type { ClosedValues, LabelNames } from "#metrics";
import type { TargetLabel } from "./expression.ts";

/** A dashboard variable, such as `$pool`. It may hold several values, so it matches as a regular expression. */
export type GrafanaVariable = `$${string}`;

/**
 * What a label must be: a value, one of several values, a dashboard variable, none of some values, or a regular expression
 * (RE2, matched whole). Undefined leaves the label open.
 */
export type Matcher<T extends string> =
  | T
  | GrafanaVariable
  | readonly T[]
  | { readonly not: T | GrafanaVariable | readonly T[] }
  | { readonly matches: string };

/** Matchers by label: a label that is not the metric's, or a value outside a closed set, does not compile. */
export type Matchers<N extends LabelNames, V extends ClosedValues> = {
  readonly [K in N[number]]?: Matcher<K extends keyof V ? V[K][number] : string> | undefined;
} & { readonly [K in Exclude<TargetLabel, N[number]>]?: Matcher<string> | undefined };

type AnyMatcher = Matcher<string> | undefined;

const quoted = (text: string): string =>
  `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
const literal = (text: string): string => text.replaceAll(/[\\.+*?()|[\]{}^$]/g, "\\$&");
const anyOf = (values: readonly string[]): string => quoted(values.map(literal).join("|"));

function condition(matcher: string | readonly string[], [exact, pattern]: readonly [string, string]): string {
  if (typeof matcher === "string") return `${matcher.startsWith("$") ? pattern : exact}${quoted(matcher)}`;
  return matcher.length === 1 ? `${exact}${quoted(matcher[0]!)}` : `${pattern}${anyOf(matcher)}`;
}

function matcherText(matcher: Exclude<AnyMatcher, undefined>): string {
  if (typeof matcher === "string" || Array.isArray(matcher)) {
    return condition(matcher as string | readonly string[], ["=", "=~"]);
  }
  const named = matcher as { readonly not: string | readonly string[] } | { readonly matches: string };
  return "not" in named ? condition(named.not, ["!=", "!~"]) : `=~${quoted(named.matches)}`;
}

/** `a="x",b=~"y|z"` in the order in which the labels were given. */
export const matchersText = (matchers: Readonly<Record<string, AnyMatcher>>): string =>
  Object.entries(matchers)
    .flatMap(([label, matcher]) => (matcher === undefined ? [] : [`${label}${matcherText(matcher)}`]))
    .join(",");
