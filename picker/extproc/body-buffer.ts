import type { Bytes } from "#units";

const smallest = 4096;
/** A client's content-length is a promise, not a fact: no more than this is reserved on its word. */
const largestReservation = 1 << 20;

/** A request body as it grows: one buffer, reserved from content-length where that is modest, doubled where it is not. */
export class BodyBuffer {
  #bytes: Buffer;
  #length = 0;

  constructor(expectedBytes: Bytes | undefined) {
    const reserved = Math.min(expectedBytes ?? smallest, largestReservation);
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(reserved, 1));
  }

  /** Copies the chunk to the end. */
  append(chunk: Buffer): void {
    const needed = this.#length + chunk.length;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    chunk.copy(this.#bytes, this.#length);
    this.#length = needed;
  }

  /** A view of what was appended. */
  get contents(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
}
