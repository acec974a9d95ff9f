import type { z } from "zod";
import { allowedText, knownKeys, schemasAt, valueAt } from "./allowed.ts";
import { nearestWord } from "./nearest.ts";
import type { ConfigPath } from "./problem.ts";

/** What is wrong at one place, before the place is given a file and a line. `at` says which part of the place is meant. */
export type Finding = {
  readonly path: ConfigPath;
  readonly at: "key" | "value" | "parent";
  readonly message: string;
  readonly found: string | undefined;
  readonly allowed: string | undefined;
};

const longestShown = 60;

/** A value as a problem shows it: scalars as JSON, cut to 60 characters; collections by their kind. */
export function foundText(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "a mapping";
  const text = JSON.stringify(value);
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
}

type Issue = z.core.$ZodIssue;
type Context = { readonly schema: z.core.$ZodType; readonly value: unknown };

const lengthOrigins: ReadonlySet<string> = new Set(["string", "array", "set", "map", "file"]);

function messageOfIssue(issue: Issue): string {
  if (issue.code === "invalid_type") return "wrong type";
  if (issue.code === "too_small") return lengthOrigins.has(issue.origin) ? "too short" : "out of range";
  if (issue.code === "too_big") return lengthOrigins.has(issue.origin) ? "too long" : "out of range";
  if (issue.code === "invalid_format") return "wrong form";
  if (issue.code === "not_multiple_of") return "out of range";
  if (issue.code === "invalid_value") return "not one of the allowed values";
  if (issue.code === "invalid_union")
    return issue.discriminator === undefined ? "wrong type" : "not one of the allowed values";
  if (issue.code === "invalid_key") return "key of the wrong form";
  return issue.code === "custom" && issue.message !== "Invalid input" ? issue.message : "not allowed";
}

function unknownKeys(path: ConfigPath, keys: readonly string[], { schema, value }: Context): readonly Finding[] {
  const known = knownKeys(schemasAt(schema, value, path));
  return keys.map((key) => {
    const nearest = nearestWord(key, known);
    return {
      path: [...path, key],
      at: "key",
      message: nearest === undefined ? "unknown key" : `unknown key, did you mean ${JSON.stringify(nearest)}?`,
      found: foundText(key),
      allowed: known.length === 0 ? "no keys" : known.join(", "),
    };
  });
}

/** The branch of a union that the author most likely meant: one that failed deeper than at its root, with the fewest issues. */
function likeliestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return branches
    .filter(
      (issues) => issues.length > 0 && issues.every((issue) => issue.path.length > 0 || issue.code !== "invalid_type"),
    )
    .filter((issues) => issues.every((issue) => issue.path.length > 0 || issue.code !== "invalid_value"))
    .toSorted((a, b) => a.length - b.length)[0];
}

const ownAllowed = (issue: Issue): string | undefined => {
  const allowed: unknown = issue.code === "custom" ? issue.params?.["allowed"] : undefined;
  return typeof allowed === "string" ? allowed : undefined;
};

/** Turns one issue of the schema library into findings in our own words. Paths of issues inside a union are relative to it. */
export function findingsOf(issue: Issue, prefix: ConfigPath, context: Context): readonly Finding[] {
  const path = [...prefix, ...(issue.path as (string | number)[])];
  if (issue.code === "unrecognized_keys") return unknownKeys(path, issue.keys, context);
  if (issue.code === "invalid_union") {
    const branch = likeliestBranch(issue.errors);
    if (branch !== undefined) return branch.flatMap((inner) => findingsOf(inner, path, context));
  }
  const { schema, value } = context;
  const found = valueAt(value, path);
  const missing = found === undefined && path.length > 0;
  return [
    {
      path,
      at: missing ? "parent" : issue.code === "invalid_key" ? "key" : "value",
      message: missing && issue.code !== "custom" ? "missing key" : messageOfIssue(issue),
      found: issue.code === "invalid_key" ? foundText(path.at(-1)) : foundText(found),
      allowed:
        ownAllowed(issue) ?? (issue.code === "invalid_key" ? undefined : allowedText(schemasAt(schema, value, path))),
    },
  ];
}
