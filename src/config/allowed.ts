import { z } from "zod";
import type { ConfigPath } from "./problem.ts";

const allowedTexts = z.registry<{ readonly allowed: string }>();

/** Attaches the words that a problem uses for what this schema allows. */
export function allowing<S extends z.ZodType>(allowed: string, schema: S): S {
  allowedTexts.add(schema, { allowed });
  return schema;
}

type AnySchema = z.core.$ZodType;
const definition = (schema: AnySchema) => (schema as z.core.$ZodTypes)._zod.def;

/** The schemas behind wrappers that change nothing about the shape: several for a union. */
function bare(schema: AnySchema): readonly AnySchema[] {
  if (allowedTexts.has(schema)) return [schema];
  const def = definition(schema);
  if ("innerType" in def) return bare(def.innerType);
  if (def.type === "pipe") return definition(def.in).type === "transform" ? bare(def.out) : bare(def.in);
  if (def.type === "lazy") return bare(def.getter());
  if (def.type === "union") return def.options.flatMap(bare);
  if (def.type === "intersection") return [...bare(def.left), ...bare(def.right)];
  return [schema];
}

function child(schema: AnySchema, key: string | number): readonly AnySchema[] {
  const def = definition(schema);
  if (def.type === "object") {
    const field = def.shape[key] ?? def.catchall;
    return field === undefined ? [] : [field];
  }
  if (def.type === "array") return [def.element];
  if (def.type === "record") return [def.valueType];
  if (def.type === "tuple") return [def.items[Number(key)] ?? def.rest].filter((item) => item != null);
  return [];
}

/** True when the schema has a field that must be one fixed value and the mapping holds another there: it is not meant. */
function ruledOut(schema: AnySchema, value: unknown): boolean {
  const def = definition(schema);
  if (def.type !== "object" || typeof value !== "object" || value === null) return false;
  return Object.entries(def.shape).some(([key, field]) => {
    const fixed = definition(field);
    return fixed.type === "literal" && !fixed.values.includes((value as Record<string, never>)[key]);
  });
}

/** Every schema that may apply at a path, given the value at its root. */
export function schemasAt(root: AnySchema, value: unknown, path: ConfigPath): readonly AnySchema[] {
  let schemas = bare(root);
  let here = value;
  for (const key of path) {
    const meant = schemas.filter((schema) => !ruledOut(schema, here));
    schemas = (meant.length > 0 ? meant : schemas).flatMap((schema) => child(schema, key)).flatMap(bare);
    here = valueAt(here, [key]);
  }
  const meant = schemas.filter((schema) => !ruledOut(schema, here));
  return meant.length > 0 ? meant : schemas;
}

/** The value at a path; undefined where there is none. Own keys only. */
export function valueAt(root: unknown, path: ConfigPath): unknown {
  let here = root;
  for (const key of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, key)) return undefined;
    here = (here as Record<string | number, unknown>)[key];
  }
  return here;
}

/** Keys that the schemas know, in their order. */
export const knownKeys = (schemas: readonly AnySchema[]): readonly string[] => [
  ...new Set(
    schemas.flatMap((schema) => {
      const def = definition(schema);
      return def.type === "object" ? Object.keys(def.shape) : [];
    }),
  ),
];

const checksOf = (schema: AnySchema) =>
  ((definition(schema).checks ?? []) as z.core.$ZodChecks[]).map((check) => check._zod.def);

/** The range that a schema's checks leave, in words; empty without a bound. The last bound on each side counts. */
function rangeText(schema: AnySchema): string {
  let lower = "";
  let upper = "";
  for (const def of checksOf(schema)) {
    if (def.check === "greater_than") lower = `${def.inclusive ? "at least" : "above"} ${String(def.value)}`;
    if (def.check === "less_than") upper = `${def.inclusive ? "at most" : "below"} ${String(def.value)}`;
    if (def.check === "min_length") lower = `at least ${def.minimum}`;
    if (def.check === "max_length") upper = `at most ${def.maximum}`;
  }
  const range = lower !== "" && upper !== "" ? `${lower} and ${upper}` : lower + upper;
  return range.replace(/^at least (\S+) and at most /, "from $1 to ");
}

const int32Text = `a whole number from ${-(2 ** 31)} to ${2 ** 31 - 1}`;

function numberText(schema: AnySchema): string {
  const range = rangeText(schema);
  const def = definition(schema);
  const format = "format" in def ? def.format : undefined;
  if (format === "int32" && range === "") return int32Text;
  const isWhole = format !== undefined || checksOf(schema).some(({ check }) => check === "number_format");
  return `${isWhole ? "a whole number" : "a number"} ${range}`.trimEnd();
}

function lengthText(noun: string, schema: AnySchema): string {
  const range = rangeText(schema);
  if (range === "at least 1") return `${noun} that is not empty`;
  return range === "" ? noun : `${noun} of length ${range}`;
}

function describe(schema: AnySchema): readonly string[] {
  const said = allowedTexts.get(schema as z.ZodType)?.allowed;
  if (said !== undefined) return [said];
  const def = definition(schema);
  if (def.type === "enum") return Object.values(def.entries).map((entry) => JSON.stringify(entry));
  if (def.type === "literal")
    return def.values.map((value) => (typeof value === "bigint" ? `${value}` : JSON.stringify(value)));
  if (def.type === "string") return [lengthText("text", schema)];
  if (def.type === "number") return [numberText(schema)];
  if (def.type === "boolean") return ["true", "false"];
  if (def.type === "array" || def.type === "tuple") return [lengthText("a list", schema)];
  if (def.type === "object" || def.type === "record") return ["a mapping"];
  if (def.type === "null") return ["null"];
  return [];
}

/** What the schemas allow, in words: `"a", "b" or a whole number at least 1`; undefined where they allow anything. */
export function allowedText(schemas: readonly AnySchema[]): string | undefined {
  const words = [...new Set(schemas.flatMap(describe))];
  const last = words.pop();
  if (last === undefined) return undefined;
  return words.length === 0 ? last : `${words.join(", ")} or ${last}`;
}
