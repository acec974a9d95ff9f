const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openSquare = 0x5b;
const backslash = 0x5c;
const closeSquare = 0x5d;
const openCurly = 0x7b;
const closeCurly = 0x7d;
/** Square brackets become curly ones by this bit, so that one comparison covers both. */
const curlyBit = 0x20;

/**
 * A place in JSON text held as bytes, moving forward only. It follows the structure (strings, nesting, keys) and trusts
 * the rest: commas and scalars are not checked. Where the structure itself fails, `broken` is set and every loop ends.
 */
export type JsonCursor = {
  bytes: Buffer;
  at: number;
  end: number;
  broken: boolean;
  /** Where the last text lies that was taken and not empty. */
  textStart: number;
  textEnd: number;
};

export const createCursor = (): JsonCursor => ({
  bytes: Buffer.alloc(0),
  at: 0,
  end: 0,
  broken: false,
  textStart: 0,
  textEnd: 0,
});

/** Points the cursor at the first byte of a value. */
export function restart(cursor: JsonCursor, bytes: Buffer, start: number, end: number): void {
  cursor.bytes = bytes;
  cursor.end = end;
  cursor.broken = false;
  cursor.at = afterSpace(bytes, start, end);
}

/** True when nothing but white space is left and all that was read was whole. */
export const isWhole = (cursor: JsonCursor): boolean =>
  !cursor.broken && afterSpace(cursor.bytes, cursor.at, cursor.end) === cursor.end;

function fail(cursor: JsonCursor): false {
  cursor.broken = true;
  cursor.at = cursor.end;
  return false;
}

function afterSpace(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at]! <= 0x20) at++;
  return at;
}

/** Below this many bytes a loop finds a quote sooner than a call out of JavaScript does. */
const nearBytes = 48;

/** Whether a byte belongs to the escape before it. `from` is a place that no escape reaches into. */
function isEscaped(bytes: Buffer, at: number, from: number): boolean {
  let start = at;
  while (start > from && bytes[start - 1] === backslash) start--;
  return ((at - start) & 1) === 1;
}

/** Behind the string whose content starts at `from`; -1 when it does not close before `end`. */
function afterString(bytes: Buffer, from: number, end: number): number {
  let at = from;
  for (;;) {
    const near = Math.min(end, at + nearBytes);
    while (at < near) {
      const byte = bytes[at]!;
      if (byte === quote) return at + 1;
      at += byte === backslash ? 2 : 1;
    }
    if (at >= end) return -1;
    const found = bytes.indexOf(quote, at);
    if (found < 0 || found >= end) return -1;
    if (!isEscaped(bytes, found, at)) return found + 1;
    at = found + 1;
  }
}

/** Behind the object or array that opens at `from`; -1 when it does not close before `end`. Nesting takes no stack. */
function afterContainer(bytes: Buffer, from: number, end: number): number {
  let depth = 0;
  let at = from;
  while (at < end) {
    const byte = bytes[at]!;
    at++;
    if (byte === quote) {
      at = afterString(bytes, at, end);
      if (at < 0) return -1;
    } else if (byte >= openSquare) {
      const bracket = byte | curlyBit;
      if (bracket === openCurly) depth++;
      else if (bracket === closeCurly && --depth === 0) return at;
    }
  }
  return -1;
}

/** Behind the value at `from`; -1 when it is not whole. */
function afterValue(bytes: Buffer, from: number, end: number): number {
  if (from >= end) return -1;
  const first = bytes[from]!;
  if (first === quote) return afterString(bytes, from + 1, end);
  if ((first | curlyBit) === openCurly) return afterContainer(bytes, from, end);
  let at = from;
  while (at < end) {
    const byte = bytes[at]!;
    if (byte === comma || byte <= 0x20 || (byte | curlyBit) === closeCurly) break;
    at++;
  }
  return at === from ? -1 : at;
}

/** Moves behind the value at the cursor. */
export function skipValue(cursor: JsonCursor): void {
  const after = afterValue(cursor.bytes, cursor.at, cursor.end);
  if (after < 0) fail(cursor);
  else cursor.at = after;
}

function enter(cursor: JsonCursor, bracket: number): boolean {
  if (cursor.at < cursor.end && cursor.bytes[cursor.at] === bracket) {
    cursor.at++;
    return true;
  }
  skipValue(cursor);
  return false;
}

/** Moves into the object at the cursor; moves behind any other value. */
export const enterObject = (cursor: JsonCursor): boolean => enter(cursor, openCurly);

/** Moves into the array at the cursor; moves behind any other value. */
export const enterArray = (cursor: JsonCursor): boolean => enter(cursor, openSquare);

/** Moves to the array's next element; false, and behind the array, when there is none. Each element must be consumed. */
export function nextElement(cursor: JsonCursor): boolean {
  const { bytes, end } = cursor;
  let at = afterSpace(bytes, cursor.at, end);
  if (at < end && bytes[at] === comma) at = afterSpace(bytes, at + 1, end);
  if (at >= end) return fail(cursor);
  cursor.at = at;
  if (bytes[at] !== closeSquare) return true;
  cursor.at++;
  return false;
}

/** Names of fields that a reader wants of an object, by their length. ASCII. */
export type FieldNames<Name extends string> = readonly (readonly Name[] | undefined)[];

export function fieldNames<const Name extends string>(...names: readonly Name[]): FieldNames<Name> {
  const byLength: Name[][] = [];
  for (const name of names) (byLength[name.length] ??= []).push(name);
  return Array.from(byLength);
}

/** Whether the bytes from `start` to `end` are this ASCII text. */
export function spanIs(bytes: Buffer, start: number, end: number, ascii: string): boolean {
  if (end - start !== ascii.length) return false;
  for (let i = 0; i < ascii.length; i++) {
    if (bytes[start + i] !== ascii.charCodeAt(i)) return false;
  }
  return true;
}

function unescaped(bytes: Buffer, start: number, end: number): string | undefined {
  try {
    return JSON.parse(`"${bytes.toString("latin1", start, end)}"`) as string;
  } catch {
    return undefined;
  }
}

/** The wanted name that the key from `start` to `end` is. */
function nameOf<Name extends string>(
  bytes: Buffer,
  start: number,
  end: number,
  wanted: FieldNames<Name>,
): Name | undefined {
  const names = wanted[end - start];
  if (names === undefined) return undefined;
  for (let i = 0; i < names.length; i++) {
    if (spanIs(bytes, start, end, names[i]!)) return names[i];
  }
  return undefined;
}

function nameOfEscaped<Name extends string>(
  bytes: Buffer,
  start: number,
  end: number,
  wanted: FieldNames<Name>,
): Name | undefined {
  const key = unescaped(bytes, start, end);
  return key === undefined ? undefined : wanted[key.length]?.find((name) => name === key);
}

/**
 * Moves to the value of the object's next field among the wanted ones, past all others.
 * @returns its name, escapes resolved; undefined, and behind the object, when there is none. The value must be consumed
 */
export function nextField<Name extends string>(cursor: JsonCursor, wanted: FieldNames<Name>): Name | undefined {
  const { bytes, end } = cursor;
  let { at } = cursor;
  for (;;) {
    if (at < end && bytes[at] !== quote) {
      at = afterSpace(bytes, at, end);
      if (at < end && bytes[at] === comma) at = afterSpace(bytes, at + 1, end);
    }
    if (at >= end || bytes[at] !== quote) break;
    const keyStart = at + 1;
    at = keyStart;
    let escaped = false;
    while (at < end) {
      const byte = bytes[at];
      if (byte === quote) break;
      if (byte === backslash) {
        escaped = true;
        at++;
      }
      at++;
    }
    const name = escaped ? nameOfEscaped(bytes, keyStart, at, wanted) : nameOf(bytes, keyStart, at, wanted);
    at = afterSpace(bytes, at + 1, end);
    if (at >= end || bytes[at] !== colon) break;
    at = afterSpace(bytes, at + 1, end);
    cursor.at = at;
    if (name !== undefined) return name;
    at = afterValue(bytes, at, end);
    if (at < 0) break;
  }
  if (at >= 0 && at < end && bytes[at] === closeCurly) cursor.at = at + 1;
  else fail(cursor);
  return undefined;
}
