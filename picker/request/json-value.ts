import { skipValue, spanIs, type JsonCursor } from "./json-cursor.ts";

const quote = 0x22;
const lowerN = 0x6e;
const zero = 0x30;
/** More digits than this would not fit a safe integer. */
const maxDigits = 15;

export const isNull = (cursor: JsonCursor): boolean => cursor.bytes[cursor.at] === lowerN;

/** Moves behind the value; true when it was a string with at least one byte of text. */
export function takeText(cursor: JsonCursor): boolean {
  const start = cursor.at;
  const isString = cursor.bytes[start] === quote;
  skipValue(cursor);
  if (!isString || cursor.broken || cursor.at - start <= 2) return false;
  cursor.textStart = start + 1;
  cursor.textEnd = cursor.at - 1;
  return true;
}

/** Moves behind the value; true when it was exactly this ASCII string, written without escapes. */
export function takeTextIs(cursor: JsonCursor, ascii: string): boolean {
  const start = cursor.at;
  const isString = cursor.bytes[start] === quote;
  skipValue(cursor);
  return isString && !cursor.broken && spanIs(cursor.bytes, start + 1, cursor.at - 1, ascii);
}

/** Moves behind the value; its number where it is a whole number of at least 0 in plain digits, else undefined. */
export function takeCount(cursor: JsonCursor): number | undefined {
  const start = cursor.at;
  skipValue(cursor);
  if (cursor.broken || cursor.at - start > maxDigits) return undefined;
  let count = 0;
  for (let at = start; at < cursor.at; at++) {
    const digit = cursor.bytes[at]! - zero;
    if (digit < 0 || digit > 9) return undefined;
    count = count * 10 + digit;
  }
  return count;
}
