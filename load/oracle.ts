import { createParser, type EventSourceParser } from "eventsource-parser";
import type { Milliseconds, Tokens } from "#units";
import { readEvent, type ResponseFacts } from "./response-event.ts";

/** What a client saw of one response. Instants are those of the chunks. */
export type Observed = {
  readonly firstTokenAtMs: Milliseconds | undefined;
  readonly lastTokenAtMs: Milliseconds | undefined;
  readonly tokenEvents: number;
  /** From usage; undefined where the server did not say. */
  readonly usageOutputTokens: Tokens | undefined;
  /** The format's own end was seen; always true for an answer that is not a stream. */
  readonly sawEnd: boolean;
  /** The stream reported an error after its 200. */
  readonly failed: boolean;
};

/**
 * Reads a response with a public parser of event streams and JSON.parse an event. It shares no code with the picker's own
 * reader, so that the two can be held against each other.
 */
export class ResponseOracle {
  readonly streamed: boolean;
  readonly #parser: EventSourceParser;
  readonly #decoder = new TextDecoder();
  readonly #unfinished = new Set<number>();
  #seenChoices = 0;
  #nowMs: Milliseconds = 0;
  #text = "";
  #firstTokenAtMs: Milliseconds | undefined;
  #lastTokenAtMs: Milliseconds | undefined;
  #tokenEvents = 0;
  #outputTokens: Tokens | undefined;
  #sawEnd = false;
  #failed = false;

  constructor(contentType: string | undefined) {
    this.streamed = /^\s*text\/event-stream\b/i.test(contentType ?? "");
    this.#parser = createParser({ onEvent: ({ data }) => this.#onEvent(readEvent(data)) });
  }

  /** One chunk as it arrived. */
  onChunk(chunk: Uint8Array, atMs: Milliseconds): void {
    this.#nowMs = atMs;
    const text = this.#decoder.decode(chunk, { stream: true });
    if (this.streamed) this.#parser.feed(text);
    else this.#text += text;
  }

  /** Everything that is known once the body has ended or broken. */
  finish(): Observed {
    if (!this.streamed) this.#outputTokens = readEvent(this.#text).outputTokens;
    return {
      firstTokenAtMs: this.#firstTokenAtMs,
      lastTokenAtMs: this.#lastTokenAtMs,
      tokenEvents: this.#tokenEvents,
      usageOutputTokens: this.#outputTokens,
      sawEnd: !this.streamed || this.#sawEnd || (this.#seenChoices > 0 && this.#unfinished.size === 0),
      failed: this.#failed,
    };
  }

  #onEvent(facts: ResponseFacts): void {
    if (facts.hasOutput) {
      this.#firstTokenAtMs ??= this.#nowMs;
      this.#lastTokenAtMs = this.#nowMs;
      this.#tokenEvents += 1;
    }
    for (const { index, finished } of facts.choices) {
      this.#seenChoices += 1;
      if (finished) this.#unfinished.delete(index);
      else this.#unfinished.add(index);
    }
    this.#outputTokens = facts.outputTokens ?? this.#outputTokens;
    this.#sawEnd ||= facts.isEnd;
    this.#failed ||= facts.isError;
  }
}
