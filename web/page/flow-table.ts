/** What waits, one row a priority. */
import { count, measured, share } from "./format.ts";
import type { Band } from "./snapshot.ts";
import { table } from "./tables.ts";

export const flowTable = (parent: Element): ((rows: readonly Band[]) => void) =>
  table<Band>(parent, {
    caption: "What waits, by priority",
    keyOf: ({ priority }) => String(priority),
    columns: [
      { name: "priority", text: ({ priority }) => String(priority).replace("-", "−") },
      { name: "waiting", isNumber: true, text: ({ requests }) => count(requests) },
      { name: "oldest", isNumber: true, text: ({ oldestAgeSeconds }) => measured(oldestAgeSeconds) },
      { name: "tokens", isNumber: true, isMinor: true, text: ({ tokens }) => count(tokens) },
      { name: "may use of each endpoint", isNumber: true, text: ({ ceiling }) => share(ceiling, 0) },
    ],
  });
