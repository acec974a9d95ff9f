import { createCursor, enterObject, nextField, restart, skipValue, type FieldNames } from "./json-cursor.ts";

/** Where a field's value lies in the bytes. */
export type FieldRange = { readonly start: number; readonly end: number };

/**
 * Finds the values of some top-level fields of a JSON object.
 * @param body one valid JSON object; its syntax is not checked here
 * @returns by name; a field that the object does not have is absent. Of a repeated field the last one counts, as in
 * JSON.parse
 */
export function scanFields<Name extends string>(body: Buffer, wanted: FieldNames<Name>): ReadonlyMap<Name, FieldRange> {
  const ranges = new Map<Name, FieldRange>();
  const cursor = createCursor();
  restart(cursor, body, 0, body.length);
  if (!enterObject(cursor)) return ranges;
  for (let name = nextField(cursor, wanted); name !== undefined; name = nextField(cursor, wanted)) {
    const start = cursor.at;
    skipValue(cursor);
    ranges.set(name, { start, end: cursor.at });
  }
  return ranges;
}
