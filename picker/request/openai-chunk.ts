import { unreachable } from "#errors";
import {
  enterArray,
  enterObject,
  fieldNames,
  nextElement,
  nextField,
  skipValue,
  type FieldNames,
  type JsonCursor,
} from "./json-cursor.ts";
import { isNull, takeCount, takeText, takeTextIs } from "./json-value.ts";
import type { StreamEvent } from "./stream-event.ts";
import { readOpenAiUsage } from "./usage.ts";

/** A choice index above this is not one. */
const maxChoices = 1024;

const chunkFields = fieldNames("choices", "usage", "error", "object");
const choiceFields = fieldNames("delta", "text", "index", "finish_reason");
const deltaFields = fieldNames(
  "content",
  "reasoning_content",
  "reasoning",
  "refusal",
  "tool_calls",
  "function_call",
  "audio",
);
const toolCallFields = fieldNames("function");
/** A call's name is generated as its arguments are. */
const callFields = fieldNames("name", "arguments");
const audioFields = fieldNames("data", "transcript");

/** Whether the object at the cursor has text in one of some fields. */
function takeTextOf<Name extends string>(cursor: JsonCursor, fields: FieldNames<Name>): boolean {
  let found = false;
  if (!enterObject(cursor)) return found;
  while (nextField(cursor, fields) !== undefined) found = takeText(cursor) || found;
  return found;
}

function takeToolCalls(cursor: JsonCursor): boolean {
  let found = false;
  if (!enterArray(cursor)) return found;
  while (nextElement(cursor)) {
    if (!enterObject(cursor)) continue;
    while (nextField(cursor, toolCallFields) !== undefined) found = takeTextOf(cursor, callFields) || found;
  }
  return found;
}

function takeDelta(cursor: JsonCursor): boolean {
  let found = false;
  if (!enterObject(cursor)) return found;
  for (;;) {
    const field = nextField(cursor, deltaFields);
    switch (field) {
      case undefined:
        return found;
      case "content":
      case "reasoning_content":
      case "reasoning":
      case "refusal":
        found = takeText(cursor) || found;
        break;
      case "tool_calls":
        found = takeToolCalls(cursor) || found;
        break;
      case "function_call":
        found = takeTextOf(cursor, callFields) || found;
        break;
      case "audio":
        found = takeTextOf(cursor, audioFields) || found;
        break;
      default:
        unreachable(field);
    }
  }
}

function addChoice(event: StreamEvent, index: number, finished: number): void {
  if (index >= maxChoices || event.choiceCount >= maxChoices) return;
  event.choices[2 * event.choiceCount] = index;
  event.choices[2 * event.choiceCount + 1] = finished;
  event.choiceCount++;
}

function readChoice(cursor: JsonCursor, event: StreamEvent): void {
  let index = 0;
  let finished = 0;
  if (!enterObject(cursor)) return;
  for (;;) {
    const field = nextField(cursor, choiceFields);
    switch (field) {
      case undefined:
        addChoice(event, index, finished);
        return;
      case "delta":
        event.carriesOutput = takeDelta(cursor) || event.carriesOutput;
        break;
      case "text":
        event.carriesOutput = takeText(cursor) || event.carriesOutput;
        break;
      case "index":
        index = takeCount(cursor) ?? 0;
        break;
      case "finish_reason":
        finished = takeText(cursor) ? 1 : 0;
        break;
      default:
        unreachable(field);
    }
  }
}

function readChoices(cursor: JsonCursor, event: StreamEvent): void {
  if (!enterArray(cursor)) return;
  while (nextElement(cursor)) readChoice(cursor, event);
}

/** One chunk of a streamed chat completion (`delta`) or completion (`text`), or an error in its place. */
export function readOpenAiChunk(cursor: JsonCursor, event: StreamEvent): void {
  if (!enterObject(cursor)) return;
  for (;;) {
    const field = nextField(cursor, chunkFields);
    switch (field) {
      case undefined:
        return;
      case "choices":
        readChoices(cursor, event);
        break;
      case "usage":
        readOpenAiUsage(cursor, event.usage);
        break;
      case "error":
        event.fails = event.fails || !isNull(cursor);
        skipValue(cursor);
        break;
      case "object":
        event.fails = takeTextIs(cursor, "error") || event.fails;
        break;
      default:
        unreachable(field);
    }
  }
}
