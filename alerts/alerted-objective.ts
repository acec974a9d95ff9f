import type { ObjectiveWithLevel } from "#kubernetes";
import { isSheddable, type ServiceLevel } from "#objective";
import type { AlertOptions } from "./options.ts";

/** An objective that promises something, and where it stands among those of its pool. */
export type AlertedObjective = {
  readonly name: string;
  /** Undefined where neither the objective nor the installation names one: the rules then keep every pool apart. */
  readonly pool: string | undefined;
  readonly level: ServiceLevel;
  readonly matchers: { readonly pool: string | undefined; readonly objective: string };
  /** No objective of its pool has a higher priority. */
  readonly isTopClass: boolean;
  /** Its sheds leave the ratio, as its service level says. */
  readonly shedsExcluded: boolean;
};

/** Objectives with a service level, in the order given. */
export function alertedObjectives(
  objectives: readonly ObjectiveWithLevel[],
  options: AlertOptions,
): readonly AlertedObjective[] {
  const poolOf = ({ objective }: ObjectiveWithLevel): string | undefined => options.pool ?? objective.poolName;
  return objectives.flatMap((entry): readonly AlertedObjective[] => {
    const { objective, level } = entry;
    if (level === undefined) return [];
    const pool = poolOf(entry);
    return [
      {
        name: objective.name,
        pool,
        level,
        matchers: { pool, objective: objective.name },
        isTopClass: objectives.every(
          (other) => poolOf(other) !== pool || other.objective.priority <= objective.priority,
        ),
        shedsExcluded: level.sheddedAs === "excluded" && isSheddable(objective),
      },
    ];
  });
}
