/** What waits and what was refused, one row an objective. */
import { count, measured } from "./format.ts";
import { reasonName, refusalReasons } from "./reason.ts";
import type { Objective, Snapshot } from "./snapshot.ts";
import { table } from "./tables.ts";

const refused = ({ missedBy }: Objective): string => {
  const known = refusalReasons.flatMap((reason) => {
    const times = missedBy[reason] ?? 0;
    return times === 0 ? [] : [`${reasonName(reason)} ${count(times)}`];
  });
  return known.length === 0 ? "none" : known.join(", ");
};

/** Answers that the picker gave itself, in words. */
export const refusalsInWords = ({ refusals }: Snapshot): string =>
  refusals.length === 0
    ? "No request was answered by the picker itself."
    : `Answered by the picker itself: ${refusals.map(({ code, count: times }) => `${count(times)} with ${code}`).join(", ")}.`;

export const queueTable = (parent: Element): ((rows: readonly Objective[]) => void) =>
  table<Objective>(parent, {
    caption: "Queue time and refusals by objective",
    keyOf: ({ name }) => name,
    columns: [
      { name: "objective", text: ({ name }) => name },
      { name: "priority", isNumber: true, isMinor: true, text: ({ priority }) => String(priority).replace("-", "−") },
      { name: "in flight", isNumber: true, text: ({ inFlight }) => count(inFlight) },
      {
        name: "queue p50",
        isNumber: true,
        text: ({ distributions }) => measured(distributions.queue?.recentQuantiles.p50),
      },
      {
        name: "queue p99",
        isNumber: true,
        text: ({ distributions }) => measured(distributions.queue?.recentQuantiles.p99),
      },
      { name: "refused since start", text: refused },
    ],
  });
