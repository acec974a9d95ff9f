import { CodecError } from "./codec-error.ts";

/** Wire types of protobuf. Source: protobuf.dev/programming-guides/encoding. */
const varintType = 0;
const fixed64Type = 1;
const lengthType = 2;
const groupStartType = 3;
const groupEndType = 4;
const fixed32Type = 5;
const maxGroupDepth = 64;
const maxLength = 0x7fff_ffff;

/**
 * Reads one protobuf message in place, never past `end`, which is the end of the innermost message being read.
 * Every method throws {@link CodecError} on malformed bytes; `path` names the field in that error.
 */
export class WireReader {
  readonly bytes: Buffer;
  position = 0;
  end: number;

  constructor(bytes: Buffer, position: number = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
  }

  fail(path: string, reason: string, offset: number = this.position): never {
    throw new CodecError(path, offset, reason);
  }

  /** Field number × 8 + wire type. */
  tag(path: string): number {
    const start = this.position;
    if (start < this.end) {
      const first = this.bytes[start]!;
      if (first < 0x80) {
        this.position = start + 1;
        return first > 7 ? first : this.fail(path, "field number 0", start);
      }
    }
    const tag = readLongVarint(this, path, 5);
    if (tag > 0xffff_ffff || tag < 8) return this.fail(path, "field number out of range", start);
    return tag;
  }

  /** An unsigned varint; exact up to 2^53, which is enough for lengths, enums, uint32 and bool. */
  varint(tag: number, path: string): number {
    if ((tag & 7) !== varintType) wrongType(this, tag, varintType, path);
    return readVarint(this, path);
  }

  bool(tag: number, path: string): boolean {
    return this.varint(tag, path) !== 0;
  }

  double(tag: number, path: string): number {
    if ((tag & 7) !== fixed64Type) wrongType(this, tag, fixed64Type, path);
    const start = this.position;
    advance(this, 8, path);
    return this.bytes.readDoubleLE(start);
  }

  /** Length of a string, bytes or message field, checked against `end`. Its content starts at `position`. */
  length(tag: number, path: string): number {
    if ((tag & 7) !== lengthType) wrongType(this, tag, lengthType, path);
    const start = this.position;
    const length = readVarint(this, path);
    if (length > this.end - this.position) lengthPastEnd(this, length, path, start);
    return length;
  }

  /** A view of the received bytes. */
  view(tag: number, path: string): Buffer {
    const length = this.length(tag, path);
    const start = this.position;
    this.position = start + length;
    return this.bytes.subarray(start, start + length);
  }

  /** UTF-8 text; a byte that is not UTF-8 reads as U+FFFD. */
  text(tag: number, path: string): string {
    const length = this.length(tag, path);
    const start = this.position;
    this.position = start + length;
    return this.bytes.toString("utf8", start, start + length);
  }

  /** Steps into a message field. Give the returned value to {@link leave} when `position` has reached `end`. */
  enter(tag: number, path: string): number {
    const length = this.length(tag, path);
    const outerEnd = this.end;
    this.end = this.position + length;
    return outerEnd;
  }

  leave(outerEnd: number): void {
    this.end = outerEnd;
  }

  /** Steps over a field of any wire type, known or not. */
  skip(tag: number, path: string): void {
    switch (tag & 7) {
      case varintType:
        readVarint(this, path);
        return;
      case fixed64Type:
        advance(this, 8, path);
        return;
      case lengthType: {
        const length = this.length(tag, path);
        this.position += length;
        return;
      }
      case fixed32Type:
        advance(this, 4, path);
        return;
      case groupStartType:
        skipGroup(this, tag >>> 3, path);
        return;
      default:
        this.fail(path, `wire type ${tag & 7} of field ${tag >>> 3} cannot start a field`);
    }
  }
}

function skipGroup(reader: WireReader, field: number, path: string): void {
  const open = [field];
  while (open.length > 0) {
    const tag = reader.tag(path);
    if ((tag & 7) === groupStartType) {
      if (open.push(tag >>> 3) > maxGroupDepth) reader.fail(path, `groups nested deeper than ${maxGroupDepth}`);
    } else if ((tag & 7) === groupEndType) {
      if (open.pop() !== tag >>> 3) reader.fail(path, `group ${tag >>> 3} ends but did not start`);
    } else reader.skip(tag, path);
  }
}

function advance(reader: WireReader, count: number, path: string): void {
  if (count > reader.end - reader.position) reader.fail(path, `${count} bytes run past the end of the message`);
  reader.position += count;
}

function readVarint(reader: WireReader, path: string): number {
  const start = reader.position;
  if (start < reader.end) {
    const first = reader.bytes[start]!;
    if (first < 0x80) {
      reader.position = start + 1;
      return first;
    }
  }
  return readLongVarint(reader, path, 10);
}

function readLongVarint(reader: WireReader, path: string, maxBytes: number): number {
  const start = reader.position;
  let value = 0;
  let scale = 1;
  for (let read = 0; read < maxBytes; read++) {
    if (reader.position >= reader.end) reader.fail(path, "the message ends inside a number", start);
    const byte = reader.bytes[reader.position++]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 128;
  }
  return reader.fail(path, `a number longer than ${maxBytes} bytes`, start);
}

const wrongType = (reader: WireReader, tag: number, wanted: number, path: string): never =>
  reader.fail(path, `wire type ${tag & 7} where ${wanted} belongs`);

/** Apart from its caller, which stays small enough to be inlined; so are the other failures. */
function lengthPastEnd(reader: WireReader, length: number, path: string, start: number): never {
  const why = length > maxLength ? "is negative or too large" : "runs past the end of its message";
  return reader.fail(path, `length ${length} ${why}`, start);
}
