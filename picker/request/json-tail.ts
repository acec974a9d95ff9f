import { createCursor, fieldNames, isWhole, nextField, restart } from "./json-cursor.ts";
import { createUsageCounts, type ReadUsage, type UsageCounts } from "./usage.ts";

const usageKey = Buffer.from('"usage"');
const noFields = fieldNames();
const colon = 0x3a;
const backslash = 0x5c;
const firstTailBytes = 4096;
/** Nested objects may have a `usage` too; after this many the search gives up. */
const maxCandidates = 16;

/** The last bytes of a body that comes in chunks: at most `maxBytes`, at least half of that where there were as many. */
export class JsonTail {
  readonly #maxBytes: number;
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Buffer): void {
    const half = this.#maxBytes >> 1;
    const from = Math.max(0, chunk.length - half);
    const added = chunk.length - from;
    if (this.#length + added > this.#maxBytes) {
      const kept = Math.min(this.#length, half);
      this.#bytes.copyWithin(0, this.#length - kept, this.#length);
      this.#length = kept;
    }
    if (this.#length + added > this.#bytes.length) this.#grow(this.#length + added);
    chunk.copy(this.#bytes, this.#length, from);
    this.#length += added;
  }

  #grow(wanted: number): void {
    let size = Math.max(firstTailBytes, this.#bytes.length);
    while (size < wanted) size *= 2;
    const bytes = Buffer.allocUnsafeSlow(Math.min(size, this.#maxBytes));
    this.#bytes.copy(bytes, 0, 0, this.#length);
    this.#bytes = bytes;
  }

  /** What was kept. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** Reads a usage value, if the object it is in is the outermost: after it only further keys and the end may come. */
function usageAt(tail: Buffer, valueAt: number, readUsage: ReadUsage): UsageCounts | undefined {
  const cursor = createCursor();
  const counts = createUsageCounts();
  restart(cursor, tail, valueAt, tail.length);
  readUsage(cursor, counts);
  nextField(cursor, noFields);
  return isWhole(cursor) ? counts : undefined;
}

/**
 * Finds the top-level `usage` of a JSON object whose last bytes are given, looking from the end: a quote inside a string
 * is escaped, so that text which quotes a usage object is not taken for one.
 * @returns undefined where there is none within the bytes, or the object is not whole
 */
export function findUsage(tail: Buffer, readUsage: ReadUsage): UsageCounts | undefined {
  let at = tail.length;
  for (let candidate = 0; candidate < maxCandidates && at > 0; candidate++) {
    at = tail.lastIndexOf(usageKey, at - 1);
    if (at < 0) return undefined;
    let value = at + usageKey.length;
    while (value < tail.length && tail[value]! <= 0x20) value++;
    if (tail[value] !== colon || tail[at - 1] === backslash) continue;
    const counts = usageAt(tail, value + 1, readUsage);
    if (counts !== undefined) return counts;
  }
  return undefined;
}
