/** The first place where text stops being JSON, and what was expected there. */
export type JsonFault = { readonly offset: number; readonly expected: string };

const plain = /[^"\\\x00-\x1f]*/y; // oxlint-disable-line no-control-regex -- JSON forbids exactly these
const escape = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const space = /[ \t\n\r]*/y;

/** End of what the sticky pattern matches at an offset; -1 when it does not. */
function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

/** End of the string whose opening quote is at an offset, or its fault. */
function stringEnd(text: string, open: number): number | JsonFault {
  let at = open + 1;
  for (;;) {
    at = endOf(plain, text, at);
    if (text[at] === '"') return at + 1;
    if (at >= text.length) return { offset: at, expected: "a closing quote" };
    if (text[at] !== "\\") return { offset: at, expected: "an escape in place of a control character" };
    const end = endOf(escape, text, at);
    if (end < 0) return { offset: at, expected: "a valid escape" };
    at = end;
  }
}

/** End of the key with its colon at an offset, or its fault. */
function keyEnd(text: string, at: number, expected: string): number | JsonFault {
  if (text[at] !== '"') return { offset: at, expected };
  const end = stringEnd(text, at);
  if (typeof end !== "number") return end;
  const colon = endOf(space, text, end);
  return text[colon] === ":" ? colon + 1 : { offset: colon, expected: '":"' };
}

/** Closes containers and steps over a separator after a value. The next element's offset, the end, or the fault. */
function afterValue(text: string, from: number, open: string[]): number | JsonFault {
  let at = from;
  for (;;) {
    at = endOf(space, text, at);
    const close = open.at(-1);
    if (close === undefined) return at < text.length ? { offset: at, expected: "the end of the body" } : at;
    if (text[at] === close) {
      open.pop();
      at++;
    } else if (text[at] !== ",") {
      return { offset: at, expected: `"," or "${close}"` };
    } else if (close === "]") {
      return at + 1;
    } else {
      return keyEnd(text, endOf(space, text, at + 1), "a quoted key");
    }
  }
}

/** One value, or the opening of one: where the text goes on, or the fault. */
function valueEnd(text: string, at: number, open: string[]): number | JsonFault {
  const first = text[at];
  if (first === '"') {
    const end = stringEnd(text, at);
    return typeof end === "number" ? afterValue(text, end, open) : end;
  }
  if (first === "{" || first === "[") {
    const close = first === "{" ? "}" : "]";
    open.push(close);
    const inner = endOf(space, text, at + 1);
    if (text[inner] === close) return afterValue(text, inner, open);
    return close === "]" ? inner : keyEnd(text, inner, 'a quoted key or "}"');
  }
  const end = endOf(scalar, text, at);
  return end < 0 ? { offset: at, expected: "a value" } : afterValue(text, end, open);
}

/**
 * Finds why text is not JSON. Slower than JSON.parse: for bodies that failed it.
 * @returns undefined when the text is valid. Offsets are bytes.
 */
export function findJsonFault(body: Buffer): JsonFault | undefined {
  const text = body.toString("latin1");
  const open: string[] = [];
  let at = 0;
  do {
    const next = valueEnd(text, endOf(space, text, at), open);
    if (typeof next !== "number") return next;
    at = next;
  } while (open.length > 0);
  return undefined;
}

/** An offset in the first sequence of bytes that is not UTF-8. */
export function findUtf8Fault(body: Buffer): number {
  const repaired = Buffer.from(body.toString());
  let at = 0;
  while (at < body.length && body[at] === repaired[at]) at++;
  return at;
}

const lineFeed = 0x0a;

/** A byte offset as `line 2, column 7 (byte 31)`; columns count characters from 1. */
export function describeOffset(body: Buffer, offset: number): string {
  let line = 1;
  let lineStart = 0;
  for (let at = body.indexOf(lineFeed); at >= 0 && at < offset; at = body.indexOf(lineFeed, at + 1)) {
    line++;
    lineStart = at + 1;
  }
  let column = 1;
  for (let at = lineStart; at < offset; at++) if ((body[at]! & 0xc0) !== 0x80) column++;
  return `line ${line}, column ${column} (byte ${offset})`;
}
