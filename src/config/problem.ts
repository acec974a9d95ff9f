import { CodedError } from "#errors";
import type { NonEmpty } from "#units";

/** A place inside a document: mapping keys and list indexes from the root; empty for the root itself. */
export type ConfigPath = readonly (string | number)[];

/** One thing that is wrong with a configuration file, in terms of what its author sees. */
export type ConfigProblem = {
  readonly file: string;
  /** Index of the document in a `---` stream, from 0; undefined for a file that holds one document. */
  readonly document: number | undefined;
  /** Such as `spec.targets[2].ttft`; empty for the document itself. */
  readonly path: string;
  /** From 1, counted over the whole file; undefined where there is no text to point at. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** What is there: a quoted value, `nothing`, `a list` …; undefined where the message says it. */
  readonly found: string | undefined;
  /** What may be there; undefined where the message says it. */
  readonly allowed: string | undefined;
  /** What is wrong, as a constant phrase such as `unknown key`, with the nearest known key where there is one. */
  readonly message: string;
};

const plainKey = /^[A-Za-z_][\w-]*$/;

/** The text of a path: `spec.targets[2].ttft`; a key that is not a plain word is quoted: `labels["a.b/c"]`. */
export function pathText(path: ConfigPath): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (!plainKey.test(part)) text += `[${JSON.stringify(part)}]`;
    else text += text === "" ? part : `.${part}`;
  }
  return text;
}

/** One line: `file:line:column: path: what; found X; allowed Y`, without the parts that are undefined or empty. */
export function formatProblem(problem: ConfigProblem): string {
  const { file, line, column, path, message, found, allowed } = problem;
  const place = [file, line, column].filter((part) => part !== undefined).join(":");
  const facts = [message, found && `found ${found}`, allowed && `allowed ${allowed}`].filter(Boolean).join("; ");
  return [place, path, facts].filter((part) => part !== "").join(": ");
}

const shownProblems = 20;

/** A configuration that cannot be used. The message has one line a problem; `data.problems` has them all. */
export class ConfigError extends CodedError<{
  readonly code: "CONFIG_INVALID";
  readonly problems: NonEmpty<ConfigProblem>;
}> {
  constructor(problems: NonEmpty<ConfigProblem>) {
    const lines = problems.slice(0, shownProblems).map(formatProblem);
    if (problems.length > shownProblems) lines.push(`and ${problems.length - shownProblems} more problems`);
    super({ code: "CONFIG_INVALID", problems }, lines.join("\n"));
  }
}
