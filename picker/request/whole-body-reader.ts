import type { Milliseconds } from "#units";
import { findUsage, JsonTail } from "./json-tail.ts";
import type { ResponseReader, Usage } from "./request.ts";
import { createUsageCounts, toUsage, type ReadUsage } from "./usage.ts";

/** Usage stands near the end of a body; this much of it is kept to look for it. */
const maxTailBytes = 256 * 1024;

/** Reads a JSON body that is not streamed: its usage, once it ended. */
export class WholeBodyReader implements ResponseReader {
  readonly streamed = false;
  readonly firstTokenAtMs = undefined;
  readonly lastTokenAtMs = undefined;
  readonly tokenEvents = 0;
  readonly failed = false;
  firstByteAtMs: Milliseconds | undefined = undefined;
  complete = false;
  usage: Usage = toUsage(createUsageCounts());
  readonly #readUsage: ReadUsage;
  readonly #tail = new JsonTail(maxTailBytes);

  constructor(readUsage: ReadUsage) {
    this.#readUsage = readUsage;
  }

  onChunk(chunk: Buffer, atMs: Milliseconds): void {
    if (chunk.length === 0 || this.complete) return;
    this.firstByteAtMs ??= atMs;
    this.#tail.push(chunk);
  }

  onEnd(): void {
    if (this.complete) return;
    this.complete = true;
    const counts = findUsage(this.#tail.bytes, this.#readUsage);
    if (counts !== undefined) this.usage = toUsage(counts);
  }
}
