import { unreachable } from "#errors";
import { enterObject, fieldNames, nextField, skipValue, spanIs, type JsonCursor } from "./json-cursor.ts";
import { takeText } from "./json-value.ts";
import type { StreamEvent } from "./stream-event.ts";
import { readAnthropicUsage } from "./usage.ts";

const eventFields = fieldNames("type", "delta", "message", "usage");
const messageFields = fieldNames("usage");
/** Text, thinking, a tool's input. A signature or a citation is not generated output. */
const outputFields = fieldNames("text", "thinking", "partial_json");

function takeBlockDelta(cursor: JsonCursor): boolean {
  let found = false;
  if (!enterObject(cursor)) return found;
  while (nextField(cursor, outputFields) !== undefined) found = takeText(cursor) || found;
  return found;
}

function readMessage(cursor: JsonCursor, event: StreamEvent): void {
  if (!enterObject(cursor)) return;
  while (nextField(cursor, messageFields) !== undefined) readAnthropicUsage(cursor, event.usage);
}

/** What the event means, by the text of its type. */
function settle(bytes: Buffer, start: number, end: number, hasOutput: boolean, event: StreamEvent): void {
  if (spanIs(bytes, start, end, "content_block_delta")) event.carriesOutput = hasOutput;
  else if (spanIs(bytes, start, end, "message_stop")) event.ends = true;
  else if (spanIs(bytes, start, end, "error")) event.fails = true;
}

/** One event of the Messages API. */
export function readAnthropicEvent(cursor: JsonCursor, event: StreamEvent): void {
  let typeStart = 0;
  let typeEnd = 0;
  let hasOutput = false;
  if (!enterObject(cursor)) return;
  for (;;) {
    const field = nextField(cursor, eventFields);
    switch (field) {
      case undefined:
        settle(cursor.bytes, typeStart, typeEnd, hasOutput, event);
        return;
      case "type":
        typeStart = cursor.at + 1;
        skipValue(cursor);
        typeEnd = cursor.at - 1;
        break;
      case "delta":
        hasOutput = takeBlockDelta(cursor);
        break;
      case "message":
        readMessage(cursor, event);
        break;
      case "usage":
        readAnthropicUsage(cursor, event.usage);
        break;
      default:
        unreachable(field);
    }
  }
}
