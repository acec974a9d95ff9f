import type { NonEmpty } from "#units";
import { isNonEmpty } from "#units";
import { isAlias, isMap, isScalar, isSeq, type Document, type LineCounter, type Node, type Pair } from "yaml";
import type { z } from "zod";
import { valueAt } from "./allowed.ts";
import { findingsOf, foundText, type Finding } from "./issue.ts";
import { pathText, type ConfigPath, type ConfigProblem } from "./problem.ts";

/** A decoded value, or everything that is wrong with the text, in the order of the text. */
export type Decoded<T> =
  | { readonly ok: true; readonly value: T; readonly document: YamlDocument }
  | { readonly ok: false; readonly problems: NonEmpty<ConfigProblem> };

/** Words for a problem that only the caller can see, such as a reference to something that is not there. */
export type ProblemWords = { readonly message: string; readonly found?: string; readonly allowed?: string };

/** One parsed document that knows where in its file each value stands. */
export interface YamlDocument {
  readonly file: string;
  /** Index in the stream, from 0; undefined for a file that holds one document. */
  readonly index: number | undefined;
  /** True for a document without content (comments, or nothing at all). */
  readonly empty: boolean;
  /**
   * Decodes the value at a path. Paths and lines of problems are those of the whole file.
   * @param absent what to decode where the document has nothing at the path
   */
  decode<T>(schema: z.ZodType<T>, path?: ConfigPath, absent?: unknown): Decoded<T>;
  /** A problem at a path; `found` is the value there unless given. */
  problem(path: ConfigPath, words: ProblemWords): ConfigProblem;
}

/** Where a document stands. */
export type Where = { readonly file: string; readonly index: number | undefined; readonly lines: LineCounter };

const keyOf = (pair: Pair): unknown => (isScalar(pair.key) ? pair.key.value : pair.key);

type Place = { readonly key: Node | undefined; readonly value: Node | undefined };

/** Key and value nodes at a path; the nearest enclosing ones where the path leaves the text. */
function placeAt(document: Document, path: ConfigPath): { readonly place: Place; readonly exact: boolean } {
  let place: Place = { key: undefined, value: document.contents ?? undefined };
  for (const part of path) {
    const node = isAlias(place.value) ? place.value.resolve(document) : place.value;
    if (isMap(node)) {
      const pair = node.items.find((item) => String(keyOf(item)) === String(part));
      if (pair === undefined) return { place, exact: false };
      place = { key: pair.key as Node, value: (pair.value as Node | null) ?? undefined };
    } else if (isSeq(node) && node.items[Number(part)] !== undefined) {
      place = { key: undefined, value: node.items[Number(part)] as Node };
    } else return { place, exact: false };
  }
  return { place, exact: true };
}

/** A document over the nodes of the YAML library and the plain value that they make. */
export function yamlDocument(nodes: Document, value: unknown, where: Where): YamlDocument {
  const offsetOf = (path: ConfigPath, at: Finding["at"]): number => {
    const { place, exact } = placeAt(nodes, path);
    const node = at === "key" && exact ? (place.key ?? place.value) : (place.value ?? place.key);
    return node?.range?.[0] ?? nodes.range?.[0] ?? 0;
  };
  const problemOf = ({ path, at, message, found, allowed }: Finding): ConfigProblem => {
    const { line, col } = where.lines.linePos(offsetOf(path, at));
    return {
      file: where.file,
      document: where.index,
      path: pathText(path),
      line,
      column: col,
      found,
      allowed,
      message,
    };
  };
  const self: YamlDocument = {
    file: where.file,
    index: where.index,
    empty: value === undefined,
    decode: (schema, path = [], absent) => {
      const input = valueAt(value, path) ?? absent;
      const parsed = schema.safeParse(input);
      if (parsed.success) return { ok: true, value: parsed.data, document: self };
      const problems = parsed.error.issues
        .flatMap((issue) => findingsOf(issue, [], { schema, value: input }))
        .map((finding) => problemOf({ ...finding, path: [...path, ...finding.path] }))
        .toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
      if (!isNonEmpty(problems)) throw new Error("a schema refused a value without saying why");
      return { ok: false, problems };
    },
    problem: (path, { message, found, allowed }) =>
      problemOf({ path, at: "value", message, found: found ?? foundText(valueAt(value, path)), allowed }),
  };
  return self;
}
