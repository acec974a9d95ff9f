const initialBytes = 16 * 1024;
/** A larger scratch buffer is not kept for the next message. */
const maxKeptBytes = 256 * 1024;
const shortText = 64;

/**
 * Writes one protobuf message from its end to its start, so that the length of every nested message is known when its
 * prefix is written. Callers write the last field first.
 */
export class WireWriter {
  #bytes = Buffer.allocUnsafeSlow(initialBytes);
  #written = 0;

  /** Bytes written so far; remember it before the fields of a nested message and give it to {@link message}. */
  get mark(): number {
    return this.#written;
  }

  varint(value: number): void {
    if (value < 0x80) {
      this.#reserve(1);
      this.#bytes[this.#bytes.length - this.#written] = value;
      return;
    }
    const size = varintSize(value);
    this.#reserve(size);
    putVarint(this.#bytes, this.#bytes.length - this.#written, value);
  }

  /** Prefix of a nested message whose fields were written since `mark`. */
  message(field: number, mark: number): void {
    this.varint(this.#written - mark);
    this.varint((field << 3) | 2);
  }

  number(field: number, value: number): void {
    this.varint(value);
    this.varint(field << 3);
  }

  bool(field: number, value: boolean): void {
    this.number(field, value ? 1 : 0);
  }

  double(field: number, value: number): void {
    this.#reserve(8);
    this.#bytes.writeDoubleLE(value, this.#bytes.length - this.#written);
    this.varint((field << 3) | 1);
  }

  blob(field: number, value: Buffer): void {
    this.#reserve(value.length);
    value.copy(this.#bytes, this.#bytes.length - this.#written);
    this.varint(value.length);
    this.varint((field << 3) | 2);
  }

  /** UTF-8 text. */
  text(field: number, value: string): void {
    const size = this.#shortAscii(value) ? value.length : this.#longText(value);
    this.varint(size);
    this.varint((field << 3) | 2);
  }

  /** A copy of the message; the writer is empty afterwards. */
  finish(): Buffer {
    const message = Buffer.allocUnsafe(this.#written);
    this.#bytes.copy(message, 0, this.#bytes.length - this.#written);
    this.clear();
    return message;
  }

  clear(): void {
    this.#written = 0;
    if (this.#bytes.length > maxKeptBytes) this.#bytes = Buffer.allocUnsafeSlow(initialBytes);
  }

  #shortAscii(value: string): boolean {
    const { length } = value;
    if (length > shortText) return false;
    this.#reserve(length);
    const start = this.#bytes.length - this.#written;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) {
        this.#written -= length;
        return false;
      }
      this.#bytes[start + i] = code;
    }
    return true;
  }

  #longText(value: string): number {
    const size = Buffer.byteLength(value);
    this.#reserve(size);
    this.#bytes.write(value, this.#bytes.length - this.#written, size);
    return size;
  }

  /** Makes room for `count` bytes before what is written and counts them as written. */
  #reserve(count: number): void {
    const needed = this.#written + count;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, needed));
      this.#bytes.copy(larger, larger.length - this.#written, this.#bytes.length - this.#written);
      this.#bytes = larger;
    }
    this.#written = needed;
  }
}

/** Bytes that a varint of this value takes; `value` is an integer of at most 53 bits. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 128)) size++;
  return size;
}

/** Writes a varint at `offset`. @returns the offset after it */
export function putVarint(target: Buffer, offset: number, value: number): number {
  let at = offset;
  let rest = value;
  while (rest >= 0x80) {
    target[at++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  target[at++] = rest;
  return at;
}
