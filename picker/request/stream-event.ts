import type { JsonCursor } from "./json-cursor.ts";
import { createUsageCounts, type UsageCounts } from "./usage.ts";

/** What one event of a streamed response says. Reused from event to event; counts only once the event proved whole. */
export type StreamEvent = {
  /** It carries generated output on some channel. */
  carriesOutput: boolean;
  /** It is the format's own end. */
  ends: boolean;
  /** It reports an error. */
  fails: boolean;
  readonly usage: UsageCounts;
  /** Choice index, then 1 where it has a finish reason, else 0; repeated. The first `choiceCount` pairs are valid. */
  readonly choices: number[];
  choiceCount: number;
};

export const createStreamEvent = (): StreamEvent => ({
  carriesOutput: false,
  ends: false,
  fails: false,
  usage: createUsageCounts(),
  choices: [],
  choiceCount: 0,
});

/** Reads the data of one event, a JSON value at the cursor. */
export type ReadEvent = (cursor: JsonCursor, event: StreamEvent) => void;
