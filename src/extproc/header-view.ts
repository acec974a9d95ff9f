import type { HeaderView } from "./message.ts";
import type { WireReader } from "./wire-reader.ts";

/** More lines than any proxy lets through; bounds what a hostile message can make us allocate. */
const maxLines = 4096;

/** Offsets of one line: name start, name end, value start, value end. */
const stride = 4;

/** A HeaderMap read in place: the offsets of all lines were checked, their text is decoded on request. */
class WireHeaders implements HeaderView {
  readonly #bytes: Buffer;
  readonly #offsets: readonly number[];

  constructor(bytes: Buffer, offsets: readonly number[]) {
    this.#bytes = bytes;
    this.#offsets = offsets;
  }

  get(lowerCaseName: string): string | undefined {
    const offsets = this.#offsets;
    for (let at = 0; at < offsets.length; at += stride) {
      if (this.#isNamed(at, lowerCaseName)) return this.#value(at);
    }
    return undefined;
  }

  all(lowerCaseName: string): readonly string[] {
    const values: string[] = [];
    for (let at = 0; at < this.#offsets.length; at += stride) {
      if (this.#isNamed(at, lowerCaseName)) values.push(this.#value(at));
    }
    return values;
  }

  entries(): readonly (readonly [name: string, value: string])[] {
    const lines: (readonly [string, string])[] = [];
    const offsets = this.#offsets;
    for (let at = 0; at < offsets.length; at += stride) {
      const name = this.#bytes.toString("utf8", offsets[at], offsets[at + 1]);
      lines.push([name.toLowerCase(), this.#value(at)]);
    }
    return lines;
  }

  copy(): HeaderView {
    return new WireHeaders(Buffer.from(this.#bytes), this.#offsets);
  }

  #isNamed(at: number, name: string): boolean {
    const start = this.#offsets[at]!;
    const { length } = name;
    if (this.#offsets[at + 1]! - start !== length) return false;
    // From the end, since names of one length often share a prefix.
    for (let i = length - 1; i >= 0; i--) {
      const byte = this.#bytes[start + i]!;
      const lower = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
      if (lower !== name.charCodeAt(i)) return false;
    }
    return true;
  }

  #value(at: number): string {
    return this.#bytes.toString("utf8", this.#offsets[at + 2], this.#offsets[at + 3]);
  }
}

const none: HeaderView = { get: () => undefined, all: () => [], entries: () => [] };

/** The headers of a message without a HeaderMap. */
export const emptyHeaders: HeaderView = none;

/** Checks a HeaderMap field and returns a view of it. */
export function readHeaderMap(reader: WireReader, tag: number, path: string): HeaderView {
  const outerEnd = reader.enter(tag, path);
  const start = reader.position;
  const { end } = reader;
  const offsets: number[] = [];
  while (reader.position < end) {
    const line = reader.tag(path);
    if (line >>> 3 !== 1) {
      reader.skip(line, path);
      continue;
    }
    if (offsets.length >= maxLines * stride) reader.fail(path, `more than ${maxLines} header lines`);
    readLine(reader, line, path, start, offsets);
  }
  reader.leave(outerEnd);
  return offsets.length === 0 ? none : new WireHeaders(reader.bytes.subarray(start, end), offsets);
}

function readLine(reader: WireReader, lineTag: number, path: string, base: number, offsets: number[]): void {
  const outerEnd = reader.enter(lineTag, path);
  let nameStart = 0;
  let nameEnd = 0;
  let valueStart = 0;
  let valueEnd = 0;
  let rawStart = 0;
  let rawEnd = 0;
  while (reader.position < reader.end) {
    const tag = reader.tag(path);
    const field = tag >>> 3;
    if (field < 1 || field > 3) {
      reader.skip(tag, path);
      continue;
    }
    const length = reader.length(tag, path);
    const start = reader.position - base;
    reader.position += length;
    if (field === 1) {
      nameStart = start;
      nameEnd = start + length;
    } else if (field === 2) {
      valueStart = start;
      valueEnd = start + length;
    } else {
      rawStart = start;
      rawEnd = start + length;
    }
  }
  reader.leave(outerEnd);
  if (rawEnd > rawStart) offsets.push(nameStart, nameEnd, rawStart, rawEnd);
  else offsets.push(nameStart, nameEnd, valueStart, valueEnd);
}

/** A view over lines that are already text, for tests and for callers without a message. Names in any case. */
export function headersOf(lines: readonly (readonly [name: string, value: string])[]): HeaderView {
  const entries = lines.map(([name, value]) => [name.toLowerCase(), value] as const);
  return {
    get: (name) => entries.find((line) => line[0] === name)?.[1],
    all: (name) => entries.filter((line) => line[0] === name).map((line) => line[1]),
    entries: () => entries,
  };
}

/** A view that stays valid when the received buffer is reused. Costs one copy of the header bytes. */
export const copyHeaders = (headers: HeaderView): HeaderView =>
  headers instanceof WireHeaders ? headers.copy() : headers;
