import type { Milliseconds } from "#units";
import { eventName, EventStream, type EventHandler } from "./event-stream.ts";
import { EventTemplate } from "./event-template.ts";
import { createCursor, isWhole, restart, spanIs } from "./json-cursor.ts";
import type { ResponseReader, Usage } from "./request.ts";
import { createStreamEvent, type ReadEvent } from "./stream-event.ts";
import { clearUsage, createUsageCounts, isEmptyUsage, mergeUsage, toUsage } from "./usage.ts";

/** The carry-over of one stream. A longer event is known by its name only. */
const maxEventBytes = 256 * 1024;

/** Reads an event stream as it passes: when tokens came, what was used, whether it reached its end. */
export class StreamReader implements ResponseReader, EventHandler {
  readonly streamed = true;
  firstByteAtMs: Milliseconds | undefined = undefined;
  firstTokenAtMs: Milliseconds | undefined = undefined;
  lastTokenAtMs: Milliseconds | undefined = undefined;
  tokenEvents = 0;
  failed = false;
  readonly #readEvent: ReadEvent;
  readonly #events = new EventStream(this, maxEventBytes);
  readonly #template = new EventTemplate();
  readonly #cursor = createCursor();
  readonly #event = createStreamEvent();
  readonly #usage = createUsageCounts();
  /** By choice index: true once it has a finish reason. */
  readonly #finished: (boolean | undefined)[] = [];
  #sawEnd = false;
  #bodyEnded = false;
  #chunkAtMs: Milliseconds = 0;

  constructor(readEvent: ReadEvent) {
    this.#readEvent = readEvent;
  }

  get usage(): Usage {
    return toUsage(this.#usage);
  }

  get complete(): boolean {
    return this.#bodyEnded && (this.#sawEnd || this.#everyChoiceFinished());
  }

  onChunk(chunk: Buffer, atMs: Milliseconds): void {
    if (chunk.length === 0 || this.#bodyEnded) return;
    this.firstByteAtMs ??= atMs;
    this.#chunkAtMs = atMs;
    this.#events.push(chunk);
  }

  onEnd(): void {
    this.#events.end();
    this.#bodyEnded = true;
  }

  onKnown(bytes: Buffer, at: number): number {
    const end = this.#template.match(bytes, at);
    if (end >= 0) this.#countToken();
    return end;
  }

  onData(bytes: Buffer, start: number, end: number, eventStart: number, eventEnd: number): void {
    if (spanIs(bytes, start, end, "[DONE]")) {
      this.#sawEnd = true;
      return;
    }
    const event = this.#event;
    event.carriesOutput = event.ends = event.fails = false;
    event.choiceCount = 0;
    clearUsage(event.usage);
    restart(this.#cursor, bytes, start, end);
    this.#readEvent(this.#cursor, event);
    if (!isWhole(this.#cursor)) return;
    this.#settle();
    // The rest of what it says holds once it was said; a usage may have been replaced in between.
    if (eventStart >= 0 && event.carriesOutput && isEmptyUsage(event.usage)) {
      this.#template.learn(bytes, eventStart, eventEnd, this.#cursor.textStart, this.#cursor.textEnd);
    }
  }

  onTooLong(bytes: Buffer, start: number, end: number): void {
    const name = eventName(bytes, start, end);
    if (name === "response.completed" || name === "response.incomplete") this.#sawEnd = true;
    if (name === "response.failed" || name === "error") this.failed = true;
  }

  #countToken(): void {
    this.tokenEvents++;
    this.firstTokenAtMs ??= this.#chunkAtMs;
    this.lastTokenAtMs = this.#chunkAtMs;
  }

  #settle(): void {
    const event = this.#event;
    if (event.carriesOutput) this.#countToken();
    if (event.ends) this.#sawEnd = true;
    if (event.fails) this.failed = true;
    for (let i = 0; i < event.choiceCount; i++) {
      const index = event.choices[2 * i]!;
      this.#finished[index] = this.#finished[index] === true || event.choices[2 * i + 1] === 1;
    }
    mergeUsage(this.#usage, event.usage);
  }

  #everyChoiceFinished(): boolean {
    let seen = 0;
    for (const finished of this.#finished) {
      if (finished === false) return false;
      if (finished === true) seen++;
    }
    return seen > 0;
  }
}
