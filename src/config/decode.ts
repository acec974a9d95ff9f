import { messageOf } from "#errors";
import { isNonEmpty, type Bytes, type NonEmpty } from "#units";
import { LineCounter, parseAllDocuments, visit, type Document, type YAMLError } from "yaml";
import type { z } from "zod";
import { ConfigError, type ConfigProblem } from "./problem.ts";
import { yamlDocument, type Decoded, type Where, type YamlDocument } from "./yaml-document.ts";

/** Longest text that is decoded: 1 MiB, as the field's own file reader. */
export const maxConfigBytes: Bytes = 1024 * 1024;

const maxAliases = 100;

/** Where a text comes from, for problems. */
export type ConfigSource = { readonly file: string };

type Failure = { readonly ok: false; readonly problems: NonEmpty<ConfigProblem> };
type Parsed = { readonly ok: true; readonly documents: readonly YamlDocument[] } | Failure;

const syntaxWords: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "duplicate key",
  TAB_AS_INDENT: "tab used as indentation",
  TAG_RESOLVE_FAILED: "tags are not allowed",
  RESOURCE_EXHAUSTION: "nested too deeply",
};

const syntaxMessage = (error: YAMLError): string =>
  error.message.includes("call stack")
    ? "nested too deeply"
    : (syntaxWords[error.code] ?? `not valid YAML: ${error.message}`);

function textProblem(message: string, offset: number, { file, index, lines }: Where): ConfigProblem {
  const { line, col } = lines.linePos(offset);
  return { file, document: index, path: "", line, column: col, found: undefined, allowed: undefined, message };
}

const fileProblem = (file: string, message: string, found?: string, allowed?: string): Failure => ({
  ok: false,
  problems: [{ file, document: undefined, path: "", line: undefined, column: undefined, found, allowed, message }],
});

/** A key without a value is an absent key, as in Kubernetes. */
function withoutNulls(this: unknown, _key: unknown, value: unknown): unknown {
  return value === null && !Array.isArray(this) ? undefined : value;
}

type AliasCount = { readonly count: number; readonly unresolved: number | undefined };

function aliasesOf(document: Document): AliasCount {
  let count = 0;
  let unresolved: number | undefined;
  visit(document, {
    Alias: (_key, alias) => {
      count++;
      if (alias.resolve(document) === undefined) unresolved ??= alias.range?.[0] ?? 0;
      return count > maxAliases ? visit.BREAK : undefined;
    },
  });
  return { count, unresolved };
}

/** Duplicate keys are told one by one; of other errors only the first, since the rest usually follow from it. */
function worthTelling(document: Document): readonly YAMLError[] {
  const all: readonly YAMLError[] = [...document.errors, ...document.warnings];
  const other = all.find(({ code }) => code !== "DUPLICATE_KEY");
  return other === undefined
    ? all
    : [...all.filter(({ code, pos }) => code === "DUPLICATE_KEY" && pos[0] < other.pos[0]), other];
}

type ParseOptions = { readonly file: string; readonly single: boolean };

function parseStream(text: string, { file, single }: ParseOptions): Parsed {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    merge: true,
    resolveKnownTags: false,
    logLevel: "silent",
  });
  const nodes: readonly Document[] = "empty" in parsed ? [] : parsed;
  const whereOf = (index: number): Where => ({ file, index: single ? undefined : index, lines });
  const problems: ConfigProblem[] = [];
  for (const [index, document] of nodes.entries()) {
    const told = worthTelling(document);
    problems.push(...told.map((error) => textProblem(syntaxMessage(error), error.pos[0], whereOf(index))));
    if (told.length > 0) continue;
    const { count, unresolved } = aliasesOf(document);
    if (unresolved !== undefined) problems.push(textProblem("alias without its anchor", unresolved, whereOf(index)));
    if (count > maxAliases) return fileProblem(file, `more than ${maxAliases} aliases`);
  }
  if (isNonEmpty(problems)) return { ok: false, problems };
  const documents = nodes.map((document, index) =>
    yamlDocument(document, document.toJS({ maxAliasCount: maxAliases, reviver: withoutNulls }), whereOf(index)),
  );
  return { ok: true, documents };
}

function parse(text: string, options: ParseOptions): Parsed {
  const { file } = options;
  const bytes = Buffer.byteLength(text);
  if (bytes > maxConfigBytes)
    return fileProblem(file, "file too large", `${bytes} bytes`, `at most ${maxConfigBytes} bytes`);
  try {
    return parseStream(text, options);
  } catch (error) {
    if (error instanceof RangeError) return fileProblem(file, "nested too deeply");
    if (error instanceof ReferenceError) return fileProblem(file, "aliases expand to too much");
    return fileProblem(file, `not valid YAML: ${messageOf(error)}`);
  }
}

/**
 * Decodes one YAML 1.2 (or JSON) document, strictly: no duplicate keys, no tags, bounded aliases and size.
 * @returns the value, or every problem with its path, line and column
 */
export function decodeYaml<T>(schema: z.ZodType<T>, text: string, { file }: ConfigSource): Decoded<T> {
  const parsed = parse(text, { file, single: true });
  if (!parsed.ok) return parsed;
  const [document, second] = parsed.documents;
  if (document === undefined) return fileProblem(file, "empty file");
  if (second !== undefined)
    return { ok: false, problems: [second.problem([], { message: "a second document", allowed: "one document" })] };
  return document.decode(schema);
}

/** One document of a stream with its value. */
export type StreamItem<T> = { readonly value: T; readonly document: YamlDocument };

/** All documents of a stream, or everything that is wrong with any of them. */
export type DecodedStream<T> = { readonly ok: true; readonly items: readonly StreamItem<T>[] } | Failure;

/** Decodes a `---` stream, each document by the schema. Documents that hold nothing but comments are passed over. */
export function decodeYamlStream<T>(schema: z.ZodType<T>, text: string, { file }: ConfigSource): DecodedStream<T> {
  const parsed = parse(text, { file, single: false });
  if (!parsed.ok) return parsed;
  const items: StreamItem<T>[] = [];
  const problems: ConfigProblem[] = [];
  for (const document of parsed.documents) {
    if (document.empty) continue;
    const decoded = document.decode(schema);
    if (decoded.ok) items.push({ value: decoded.value, document });
    else problems.push(...decoded.problems);
  }
  return isNonEmpty(problems) ? { ok: false, problems } : { ok: true, items };
}

/** The value, or a ConfigError that lists every problem: for start-up, where bad configuration ends the process. */
export function decodedOrThrow<T>(decoded: { readonly ok: true; readonly value: T } | Failure): T {
  if (decoded.ok) return decoded.value;
  throw new ConfigError(decoded.problems);
}
