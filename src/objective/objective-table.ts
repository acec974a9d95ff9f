import type { InferenceObjective, ServiceLevel } from "./objective.ts";

/** One objective with its service level, as requests are bound to it. */
export type ObjectiveEntry = {
  /** The label value: the objective's name, or one of the two reserved names below. */
  readonly name: string;
  readonly priority: number;
  /** Undefined where the objective has no targets. */
  readonly level: ServiceLevel | undefined;
  /** False for the two reserved entries. */
  readonly configured: boolean;
};

/** Label value of requests that name an objective nobody configured. */
export const unknownObjectiveName = "unknown";
/** Label value of requests that name no objective. */
export const noObjectiveName = "none";

const unknownEntry: ObjectiveEntry = { name: unknownObjectiveName, priority: 0, level: undefined, configured: false };
const noneEntry: ObjectiveEntry = { name: noObjectiveName, priority: 0, level: undefined, configured: false };

/** An immutable look-up from an objective's name to its entry. A reload makes a new table. */
export class ObjectiveTable {
  /** Configured entries in the order they were given, then the reserved ones. */
  readonly entries: readonly ObjectiveEntry[];
  readonly #byName: ReadonlyMap<string, ObjectiveEntry>;

  constructor(
    objectives: readonly { readonly objective: InferenceObjective; readonly level: ServiceLevel | undefined }[],
  ) {
    const configured = objectives.map(({ objective, level }): ObjectiveEntry => ({
      name: objective.name,
      priority: objective.priority,
      level,
      configured: true,
    }));
    this.#byName = new Map(configured.map((entry) => [entry.name, entry]));
    this.entries = [...configured, ...[unknownEntry, noneEntry].filter(({ name }) => !this.#byName.has(name))];
  }

  /** The entry for the value of the objective header: its own, `unknown` for a name nobody configured, `none` without one. */
  find(name: string | undefined): ObjectiveEntry {
    if (name === undefined || name === "") return this.#byName.get(noObjectiveName) ?? noneEntry;
    return this.#byName.get(name) ?? this.#byName.get(unknownObjectiveName) ?? unknownEntry;
  }
}
