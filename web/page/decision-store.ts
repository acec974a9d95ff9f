/** The decisions that the page has been told of, each once. */
import type { Decision } from "./snapshot.ts";
import type { View } from "./view.ts";

/** Of each half: misses, and all the others. */
const most = 300;

const newestFirst = (a: Decision, b: Decision): number => b.sequence - a.sequence;

function kept(decisions: readonly Decision[]): readonly Decision[] {
  const isMissed = ({ verdict }: Decision): boolean => verdict === "missed";
  const misses = decisions.filter((one) => isMissed(one)).slice(0, most);
  const others = decisions.filter((one) => !isMissed(one)).slice(0, most);
  return [...misses, ...others].sort(newestFirst);
}

/** Both lists as one, newest first, bounded; misses are never pushed out by others. */
export function merge(known: readonly Decision[], told: readonly Decision[]): readonly Decision[] {
  if (told.length === 0) return known;
  const bySequence = new Map([...known, ...told].map((decision) => [decision.sequence, decision]));
  return kept([...bySequence.values()].sort(newestFirst));
}

/** Those that the reader wants to see, newest first. */
export const visible = (decisions: readonly Decision[], view: View, limit: number): readonly Decision[] =>
  decisions
    .filter(
      ({ objective, verdict }) =>
        (view.objective === undefined || objective === view.objective) && (!view.missedOnly || verdict === "missed"),
    )
    .slice(0, limit);
