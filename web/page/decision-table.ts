/** The last decisions with their reasons. */
import { count, measured, timeOfDay, unknown } from "./format.ts";
import { explanation } from "./reason.ts";
import type { Decision, Verdict } from "./snapshot.ts";
import { table } from "./tables.ts";

const marks: Readonly<Record<Verdict, string>> = {
  met: "✔ met",
  missed: "✘ missed",
  excluded: "○ excluded",
  untargeted: "○ untargeted",
};

const missedBy =
  (dimension: string) =>
  ({ reason }: Decision): string =>
    reason === dimension ? "missed" : "";

/** @param nameOf an endpoint's id → what it is called on this page */
export const decisionTable = (
  parent: Element,
  nameOf: (endpoint: string) => string,
): ((rows: readonly Decision[]) => void) =>
  table<Decision>(parent, {
    caption: "Last decisions, newest first",
    keyOf: ({ sequence }) => String(sequence),
    columns: [
      { name: "time", text: ({ endedAtWallMs }) => timeOfDay(endedAtWallMs) },
      { name: "verdict", text: ({ verdict }) => marks[verdict], state: ({ verdict }) => verdict },
      { name: "objective", text: ({ objective }) => objective },
      { name: "why", text: explanation },
      { name: "endpoint", text: ({ endpoint }) => (endpoint === undefined ? unknown : nameOf(endpoint)) },
      {
        name: "TTFT",
        isNumber: true,
        text: ({ ttftSeconds }) => measured(ttftSeconds),
        state: missedBy("ttft"),
      },
      {
        name: "TPOT",
        isNumber: true,
        text: ({ tpotSeconds }) => measured(tpotSeconds),
        state: missedBy("tpot"),
      },
      {
        name: "E2E",
        isNumber: true,
        isMinor: true,
        text: ({ elapsedSeconds }) => measured(elapsedSeconds),
        state: missedBy("e2e"),
      },
      { name: "queue", isNumber: true, isMinor: true, text: ({ queueSeconds }) => measured(queueSeconds) },
      { name: "tokens", isNumber: true, isMinor: true, text: ({ outputTokens }) => count(outputTokens) },
      { name: "request", isMinor: true, text: ({ id }) => id },
    ],
  });
