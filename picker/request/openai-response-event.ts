import { unreachable } from "#errors";
import { enterObject, fieldNames, nextField, skipValue, spanIs, type JsonCursor } from "./json-cursor.ts";
import { takeText } from "./json-value.ts";
import type { StreamEvent } from "./stream-event.ts";
import { readOpenAiUsage } from "./usage.ts";

const eventFields = fieldNames("type", "delta", "response");
const responseFields = fieldNames("usage");
const deltaSuffix = ".delta";

function readResponse(cursor: JsonCursor, event: StreamEvent): void {
  if (!enterObject(cursor)) return;
  while (nextField(cursor, responseFields) !== undefined) readOpenAiUsage(cursor, event.usage);
}

/** What the event means, by the text of its type. */
function settle(bytes: Buffer, start: number, end: number, hasDelta: boolean, event: StreamEvent): void {
  if (end - start > deltaSuffix.length && spanIs(bytes, end - deltaSuffix.length, end, deltaSuffix)) {
    event.carriesOutput = hasDelta;
    return;
  }
  event.ends = spanIs(bytes, start, end, "response.completed") || spanIs(bytes, start, end, "response.incomplete");
  event.fails = spanIs(bytes, start, end, "response.failed") || spanIs(bytes, start, end, "error");
}

/** One event of the Responses API. Its `type` may come last, so what the other fields mean is decided at the end. */
export function readOpenAiResponseEvent(cursor: JsonCursor, event: StreamEvent): void {
  let typeStart = 0;
  let typeEnd = 0;
  let hasDelta = false;
  if (!enterObject(cursor)) return;
  for (;;) {
    const field = nextField(cursor, eventFields);
    switch (field) {
      case undefined:
        settle(cursor.bytes, typeStart, typeEnd, hasDelta, event);
        return;
      case "type":
        typeStart = cursor.at + 1;
        skipValue(cursor);
        typeEnd = cursor.at - 1;
        break;
      case "delta":
        hasDelta = takeText(cursor);
        break;
      case "response":
        readResponse(cursor, event);
        break;
      default:
        unreachable(field);
    }
  }
}
