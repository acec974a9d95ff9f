import type { Milliseconds } from "#units";
import { readAnthropicEvent } from "./anthropic-event.ts";
import { readOpenAiChunk } from "./openai-chunk.ts";
import { readOpenAiResponseEvent } from "./openai-response-event.ts";
import type { Api, ResponseOpening, ResponseReader, Usage } from "./request.ts";
import type { ReadEvent } from "./stream-event.ts";
import { StreamReader } from "./stream-reader.ts";
import { readAnthropicUsage, readOpenAiUsage, type ReadUsage } from "./usage.ts";
import { WholeBodyReader } from "./whole-body-reader.ts";

/** How the responses of an API are read; without `readEvent` it has no streamed form. */
type ResponseFormat = { readonly readEvent: ReadEvent | undefined; readonly readUsage: ReadUsage };

const openAiChunks: ResponseFormat = { readEvent: readOpenAiChunk, readUsage: readOpenAiUsage };

const formats: Readonly<Record<Api, ResponseFormat | undefined>> = {
  "openai-chat": openAiChunks,
  "openai-completions": openAiChunks,
  "openai-embeddings": { readEvent: undefined, readUsage: readOpenAiUsage },
  "openai-responses": { readEvent: readOpenAiResponseEvent, readUsage: readOpenAiUsage },
  "anthropic-messages": { readEvent: readAnthropicEvent, readUsage: readAnthropicUsage },
  "anthropic-count-tokens": undefined,
  "pass-through": undefined,
};

const noUsage: Usage = { inputTokens: undefined, outputTokens: undefined, cachedTokens: undefined };

/** Times a body of which nothing else can be known. */
class TimedReader implements ResponseReader {
  readonly streamed: boolean;
  readonly firstTokenAtMs = undefined;
  readonly lastTokenAtMs = undefined;
  readonly tokenEvents = 0;
  readonly usage = noUsage;
  readonly failed = false;
  firstByteAtMs: Milliseconds | undefined = undefined;
  complete = false;

  constructor(streamed: boolean) {
    this.streamed = streamed;
  }

  onChunk(chunk: Buffer, atMs: Milliseconds): void {
    if (chunk.length > 0 && !this.complete) this.firstByteAtMs ??= atMs;
  }

  onEnd(): void {
    this.complete = true;
  }
}

const mediaType = (contentType: string | undefined): string =>
  (contentType ?? "").split(";", 1)[0]!.trim().toLowerCase();

const isEncoded = (contentEncoding: string | undefined): boolean => {
  const encoding = (contentEncoding ?? "").trim().toLowerCase();
  return encoding !== "" && encoding !== "identity";
};

/**
 * Starts reading a response when its headers are there.
 * Event streams of a known API get the token clock, usage and completeness; JSON bodies get usage and count as complete
 * when they ended; everything else (other APIs, other content, compressed bodies) is timed only and likewise complete
 * when it ended.
 */
export function createResponseReader(opening: ResponseOpening): ResponseReader {
  const type = mediaType(opening.contentType);
  const streamed = type === "text/event-stream";
  const format = formats[opening.api];
  if (format === undefined || isEncoded(opening.contentEncoding)) return new TimedReader(streamed);
  if (streamed) return format.readEvent === undefined ? new TimedReader(true) : new StreamReader(format.readEvent);
  const isJson = type === "application/json" || type.endsWith("+json");
  return isJson ? new WholeBodyReader(format.readUsage) : new TimedReader(false);
}
