import type { Bytes } from "#units";
import { type GrpcStatus, grpcStatus } from "./status.ts";

/** Length of the prefix of every message: one byte of flags, four of length, big endian. Source: grpc/doc/PROTOCOL-HTTP2.md. */
export const frameHeaderBytes: Bytes = 5;

/** Writes the prefix of an uncompressed message at `offset` and returns the offset behind it. */
export function writeFrameHeader(target: Buffer, offset: number, length: Bytes): number {
  target[offset] = 0;
  return target.writeUInt32BE(length, offset + 1);
}

/** The prefix of an uncompressed message of `length` bytes, as a buffer of its own. */
export function frameHeader(length: Bytes): Buffer {
  const header = Buffer.allocUnsafe(frameHeaderBytes);
  writeFrameHeader(header, 0, length);
  return header;
}

/** What is wrong with the bytes of a peer, as the status that ends its call. */
export type FrameFault = { readonly status: GrpcStatus; readonly message: string };

const nothing: Buffer = Buffer.alloc(0);
/** A longer message gets its memory as its bytes arrive, not when its length is announced. */
const trustedBytes = 64 * 1024;

/**
 * Reads length-prefixed messages from chunks of any size. After each `push`, call `next` until it returns undefined; a
 * caller that stops earlier may go on later, also after another `push`.
 */
export class GrpcFrameReader {
  readonly #maxMessageBytes: Bytes;
  #chunk = nothing;
  #at = 0;
  #headerBytes = 0;
  /** Length of the message being read; −1 while its prefix is. */
  #length = -1;
  #partial = nothing;
  #have = 0;
  #fault: FrameFault | undefined = undefined;

  /** @param maxMessageBytes a longer message is a fault with RESOURCE_EXHAUSTED, told before its bytes are kept */
  constructor(maxMessageBytes: Bytes) {
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** Set once the peer broke the format: nothing more is read then. A compressed message is UNIMPLEMENTED. */
  get fault(): FrameFault | undefined {
    return this.#fault;
  }

  /** True between two messages: all bytes so far are read, none is missing. */
  get atBoundary(): boolean {
    return this.#headerBytes === 0 && this.#length < 0 && this.#at === this.#chunk.length;
  }

  /** Takes the next bytes, without copying. */
  push(chunk: Buffer): void {
    this.#chunk = this.#at < this.#chunk.length ? Buffer.concat([this.#chunk.subarray(this.#at), chunk]) : chunk;
    this.#at = 0;
  }

  /**
   * The next whole message, without its prefix: a view of the pushed chunk where it lies in one, else a copy.
   * Undefined when more bytes are needed or after a fault.
   */
  next(): Buffer | undefined {
    if (this.#fault !== undefined || (this.#length < 0 && !this.#readHeader())) return undefined;
    const available = this.#chunk.length - this.#at;
    const missing = this.#length - this.#have;
    if (available < missing) {
      if (available > 0) this.#keep(available);
      return undefined;
    }
    let message: Buffer;
    if (this.#have === 0) {
      message = this.#chunk.subarray(this.#at, this.#at + missing);
      this.#at += missing;
    } else {
      this.#keep(missing);
      message = this.#partial.subarray(0, this.#length);
      this.#partial = nothing;
      this.#have = 0;
    }
    this.#length = -1;
    if (this.#at === this.#chunk.length) this.#release();
    return message;
  }

  /** Reads what it can of the prefix; true when it is complete and good. */
  #readHeader(): boolean {
    const chunk = this.#chunk;
    let length = 0;
    if (this.#headerBytes === 0 && chunk.length - this.#at >= frameHeaderBytes) {
      if (!this.#checkFlags(chunk[this.#at]!)) return false;
      length = chunk.readUInt32BE(this.#at + 1);
      this.#at += frameHeaderBytes;
    } else {
      // The bytes of a split prefix gather in #have, which is free until the length is known.
      while (this.#headerBytes < frameHeaderBytes) {
        if (this.#at === chunk.length) {
          this.#release();
          return false;
        }
        const byte = chunk[this.#at++]!;
        if (this.#headerBytes++ > 0) this.#have = this.#have * 256 + byte;
        else if (!this.#checkFlags(byte)) return false;
      }
      length = this.#have;
      this.#have = 0;
      this.#headerBytes = 0;
    }
    if (length > this.#maxMessageBytes) {
      const message = `message of ${length} bytes is longer than the limit of ${this.#maxMessageBytes}`;
      return this.#fail(grpcStatus.RESOURCE_EXHAUSTED, message);
    }
    this.#length = length;
    return true;
  }

  #checkFlags(flags: number): boolean {
    if (flags === 0) return true;
    if (flags === 1) return this.#fail(grpcStatus.UNIMPLEMENTED, "compressed messages are not supported");
    return this.#fail(grpcStatus.INTERNAL, `message with unknown flags ${flags}`);
  }

  #fail(status: GrpcStatus, message: string): false {
    this.#fault = { status, message };
    this.#partial = nothing;
    this.#release();
    return false;
  }

  /** Copies `count` bytes of the chunk behind those already kept of this message. */
  #keep(count: number): void {
    const need = this.#have + count;
    if (need > this.#partial.length) {
      const size = Math.min(this.#length, Math.max(need, trustedBytes, this.#partial.length * 4));
      const grown = Buffer.allocUnsafeSlow(size);
      this.#partial.copy(grown, 0, 0, this.#have);
      this.#partial = grown;
    }
    this.#chunk.copy(this.#partial, this.#have, this.#at, this.#at + count);
    this.#have = need;
    this.#at += count;
    if (this.#at === this.#chunk.length) this.#release();
  }

  #release(): void {
    this.#chunk = nothing;
    this.#at = 0;
  }
}
