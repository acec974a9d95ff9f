const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const colon = 0x3a;
const space = 0x20;
const lowerD = 0x64;
const byteOrderMark = 0xef;
const blankLine = Buffer.from("\n\n");
const firstCarryBytes = 1024;

/** Gets the events of a stream. The ranges are valid during the call. */
export type EventHandler = {
  /** The data of one event, from `start` to `end`. The event itself, blank line included, is around it; or -1, -1. */
  onData(bytes: Buffer, start: number, end: number, eventStart: number, eventEnd: number): void;
  /** An event may begin at `at`: the offset behind it when the handler knew it and handled it, else -1. */
  onKnown(bytes: Buffer, at: number): number;
  /** An event longer than the bound has ended; only its first bytes are there. */
  onTooLong(bytes: Buffer, start: number, end: number): void;
};

/** Whether the line at `start` is a field of this name with a value. */
function isField(bytes: Buffer, start: number, end: number, name: string): boolean {
  if (end - start <= name.length || bytes[start + name.length] !== colon) return false;
  for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name.charCodeAt(i)) return false;
  return true;
}

/** Start of a field's value: one space after the colon does not belong to it. */
const valueStart = (bytes: Buffer, start: number, end: number, name: string): number => {
  const at = start + name.length + 1;
  return at < end && bytes[at] === space ? at + 1 : at;
};

function lineEnd(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== lineFeed && bytes[at] !== carriageReturn) at++;
  return at;
}

/** The name of an event: the value of its first line when that is an `event` field. */
export function eventName(bytes: Buffer, start: number, end: number): string | undefined {
  const close = lineEnd(bytes, start, Math.min(end, start + 256));
  if (!isField(bytes, start, close, "event")) return undefined;
  return bytes.toString("latin1", valueStart(bytes, start, close, "event"), close);
}

/**
 * Splits a response into server-sent events, however it is cut into chunks. Keeps the bytes of one unfinished event, at
 * most `maxEventBytes`; a longer event is skipped up to its blank line.
 * Source: WHATWG HTML, 9.2.6 (lines end with LF, CR or CRLF; one leading byte order mark is not part of the text).
 */
export class EventStream {
  readonly #handler: EventHandler;
  readonly #maxEventBytes: number;
  #carry: Buffer = blankLine.subarray(0, 0);
  #carried = 0;
  /** The unfinished event is too long: the carry is its beginning, and `#lastByte` the last one seen of it. */
  #skipping = false;
  #lastByte = lineFeed;
  #first = true;
  /** About the event that `#eventEnd` found: its lines without the blank one, and where the last of them lies. */
  #lines = 0;
  #lastLineStart = 0;
  #lastLineEnd = 0;
  #blankLineStart = 0;

  constructor(handler: EventHandler, maxEventBytes: number) {
    this.#handler = handler;
    this.#maxEventBytes = maxEventBytes;
  }

  /** Bytes kept of an unfinished event. */
  get keptBytes(): number {
    return this.#carry.length;
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    let at = 0;
    if (this.#carried > 0) {
      const end = this.#eventEnd(chunk, at, this.#lastByte);
      this.#keep(chunk, at, end < 0 ? chunk.length : end);
      if (end < 0) return;
      this.#takeCarried();
      at = end;
    }
    at = this.#takeEvents(chunk, at);
    if (at < chunk.length) this.#keep(chunk, at, chunk.length);
  }

  /** No more chunks: what is there of a last event counts as one, since some servers leave its blank line out. */
  end(): void {
    if (this.#carried > 0 && !this.#skipping) {
      this.#keep(blankLine, 0, blankLine.length);
      if (!this.#skipping) this.#takeCarried();
    }
    this.#carried = 0;
  }

  #takeCarried(): void {
    if (this.#skipping) this.#handler.onTooLong(this.#carry, 0, this.#carried);
    else this.#takeEvents(this.#carry.subarray(0, this.#carried), 0);
    this.#carried = 0;
    this.#skipping = false;
    this.#first = false;
  }

  /** Handles every whole event from an offset on; the offset of what is left. */
  #takeEvents(bytes: Buffer, from: number): number {
    let start = from;
    for (;;) {
      let end = this.#handler.onKnown(bytes, start);
      if (end < 0) {
        end = this.#eventEnd(bytes, start, lineFeed);
        if (end < 0) return start;
        this.#takeEvent(bytes, start, end);
      }
      start = end;
    }
  }

  #takeEvent(bytes: Buffer, eventStart: number, eventEnd: number): void {
    const isMarked = this.#first && bytes[eventStart] === byteOrderMark;
    const start = isMarked ? eventStart + 3 : eventStart;
    this.#first = false;
    if (this.#lines === 0) return;
    if (this.#blankLineStart - eventStart > this.#maxEventBytes) {
      this.#handler.onTooLong(bytes, start, eventStart + this.#maxEventBytes);
      return;
    }
    const line = this.#lines === 1 ? start : this.#lastLineStart;
    const end = this.#lastLineEnd;
    const isOnlyData = this.#lines === 1 || (this.#lines === 2 && bytes[start] !== lowerD);
    if (isOnlyData && isField(bytes, line, end, "data")) {
      const isPlain = !isMarked && bytes[eventEnd - 1] === lineFeed;
      const value = valueStart(bytes, line, end, "data");
      this.#handler.onData(bytes, value, end, isPlain ? eventStart : -1, isPlain ? eventEnd : -1);
    } else {
      this.#takeLines(bytes, start, end);
    }
  }

  /** An event in general: the values of its data lines, joined. */
  #takeLines(bytes: Buffer, from: number, end: number): void {
    const values: Buffer[] = [];
    for (let start = from; start < end;) {
      const close = lineEnd(bytes, start, end);
      if (isField(bytes, start, close, "data")) {
        if (values.length > 0) values.push(blankLine.subarray(1));
        values.push(bytes.subarray(valueStart(bytes, start, close, "data"), close));
      }
      start = close + 1;
    }
    if (values.length === 0) return;
    const data = values.length === 1 ? values[0]! : Buffer.concat(values);
    this.#handler.onData(data, 0, data.length, -1, -1);
  }

  /**
   * Finds the blank line that ends an event. The LF of a CRLF may be left over at the end of a chunk; at the start of the
   * next event it is one more blank line and changes nothing.
   * @param from where the event begins, or goes on after `previous`
   * @returns the offset behind the blank line; -1 when the bytes end before it
   */
  #eventEnd(bytes: Buffer, from: number, previous: number): number {
    const { length } = bytes;
    let lineStart = previous === lineFeed || previous === carriageReturn ? from : -1;
    let secondHalf = previous === carriageReturn ? from : -1;
    this.#lines = 0;
    for (let at = from; at < length; at++) {
      while (at < length && bytes[at]! > carriageReturn) at++;
      const byte = bytes[at];
      if (byte !== lineFeed && byte !== carriageReturn) continue;
      if (byte === lineFeed && at === secondHalf) {
        lineStart = at + 1;
      } else if (at === lineStart) {
        this.#blankLineStart = at;
        if (byte === lineFeed) return at + 1;
        return bytes[at + 1] === lineFeed ? at + 2 : at + 1;
      } else {
        this.#lines++;
        this.#lastLineStart = lineStart;
        this.#lastLineEnd = at;
        lineStart = at + 1;
        secondHalf = byte === carriageReturn ? lineStart : -1;
      }
    }
    return -1;
  }

  #keep(bytes: Buffer, from: number, to: number): void {
    if (from === to) return;
    this.#lastByte = bytes[to - 1]!;
    if (this.#skipping) return;
    // The blank line is not part of the event, but goes through the carry with it.
    const maxBytes = this.#maxEventBytes + blankLine.length;
    const wanted = this.#carried + (to - from);
    this.#skipping = wanted > maxBytes;
    const length = Math.min(wanted, maxBytes);
    if (length > this.#carry.length) this.#grow(length, maxBytes);
    bytes.copy(this.#carry, this.#carried, from, from + length - this.#carried);
    this.#carried = length;
  }

  #grow(wanted: number, maxBytes: number): void {
    let size = Math.max(firstCarryBytes, this.#carry.length);
    while (size < wanted) size *= 2;
    const carry = Buffer.allocUnsafeSlow(Math.min(size, maxBytes));
    this.#carry.copy(carry, 0, 0, this.#carried);
    this.#carry = carry;
  }
}
