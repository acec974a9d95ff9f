/** What is worth saying aloud to somebody who does not see the page. */
import { share, targetShare } from "./format.ts";
import { reasonName } from "./reason.ts";
import type { Decision, Objective } from "./snapshot.ts";
import type { View } from "./view.ts";

type Standing = "reached" | "failed" | "unknown";

export const standing = ({ attainment, target }: Pick<Objective, "attainment" | "target">): Standing =>
  attainment === undefined || target === undefined ? "unknown" : attainment >= target ? "reached" : "failed";

const isSeen = (view: View, objective: string): boolean => view.objective === undefined || view.objective === objective;

/** Objectives that crossed their target since the previous snapshot. */
export function crossings(before: readonly Objective[], after: readonly Objective[], view: View): readonly string[] {
  const stood = new Map(before.map((objective) => [objective.name, standing(objective)]));
  return after.flatMap((objective) => {
    const { name, attainment, target } = objective;
    const now = standing(objective);
    const was = stood.get(name);
    if (!isSeen(view, name) || was === undefined || was === now || now === "unknown") return [];
    const how = now === "failed" ? "is below its target" : "has reached its target";
    return [`${name} ${how} of ${targetShare(target)}: ${share(attainment, 2)}.`];
  });
}

/** The misses among new decisions, added up by objective and reason. */
export function missesInWords(decisions: readonly Decision[], view: View): readonly string[] {
  const counts = new Map<string, number>();
  for (const { objective, verdict, reason } of decisions) {
    if (verdict !== "missed" || reason === undefined || !isSeen(view, objective)) continue;
    const what = `${objective} missed: ${reasonName(reason)}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts].map(([what, times]) => (times === 1 ? `${what}.` : `${what}, ${times} times.`));
}
