import {
  ConfigError,
  formatProblem,
  type ConfigPath,
  type ConfigProblem,
  type ProblemWords,
  type YamlDocument,
} from "#config";
import { isNonEmpty } from "#units";

const inOrderOfText = (problems: readonly ConfigProblem[]): readonly ConfigProblem[] =>
  problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));

/** Collects everything that is wrong or odd about one document, so that its author sees it all at once. */
export class Findings {
  readonly document: YamlDocument;
  readonly #problems: ConfigProblem[] = [];
  readonly #warnings: ConfigProblem[] = [];

  constructor(document: YamlDocument) {
    this.document = document;
  }

  refuse(path: ConfigPath, words: ProblemWords): void {
    this.#problems.push(this.document.problem(path, words));
  }

  refuseAll(problems: readonly ConfigProblem[]): void {
    this.#problems.push(...problems);
  }

  warn(path: ConfigPath, words: ProblemWords): void {
    this.#warnings.push(this.document.problem(path, words));
  }

  get refused(): boolean {
    return this.#problems.length > 0;
  }

  get warnings(): readonly ConfigProblem[] {
    return inOrderOfText(this.#warnings);
  }

  /** Throws a ConfigError when anything was refused. */
  check(): void {
    const problems = inOrderOfText(this.#problems);
    if (isNonEmpty(problems)) throw new ConfigError(problems);
  }
}

/** A warning as one line of a log. */
export const warningText = formatProblem;
