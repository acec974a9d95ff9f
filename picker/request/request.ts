import type { Milliseconds, Tokens } from "#units";

/** The API a request speaks, from its path. `pass-through`: anything we do not read. */
export type Api =
  | "openai-chat"
  | "openai-completions"
  | "openai-embeddings"
  | "openai-responses"
  | "anthropic-messages"
  | "anthropic-count-tokens"
  | "pass-through";

/** What scheduling needs of one request. Offsets point into `body`, which is forwarded byte for byte. */
export type InferenceRequest = {
  readonly api: Api;
  /** The body as received; empty for a request without one. */
  readonly body: Buffer;
  /** As the client wrote it: base model or LoRA adapter. Undefined where the API or the request has none. */
  readonly model: string | undefined;
  readonly stream: boolean;
  /** The client's bound on generated tokens; undefined without one. */
  readonly maxOutputTokens: Tokens | undefined;
  /**
   * Byte ranges of the prompt in the order in which the model sees it: start, end, start, end, … Empty where there is
   * no prompt to hash.
   */
  readonly promptRanges: Uint32Array;
  /** Keeps the prefix caches of tenants apart; undefined without one. */
  readonly cacheSalt: string | undefined;
};

/** A parsed request, or what is wrong with it as an answer to the client. */
export type ParseResult =
  | { readonly ok: true; readonly request: InferenceRequest }
  | { readonly ok: false; readonly status: 400; readonly message: string };

/** What the model server said it processed. Undefined: it did not say. Input includes cached tokens. */
export type Usage = {
  readonly inputTokens: Tokens | undefined;
  readonly outputTokens: Tokens | undefined;
  readonly cachedTokens: Tokens | undefined;
};

/**
 * Reads one response as it passes: token clock, usage, completeness. Never changes it, never throws on what a server
 * sends, and keeps at most a bounded carry-over of an unfinished event.
 */
export interface ResponseReader {
  /** One chunk as it arrived; may be empty. */
  onChunk(chunk: Buffer, atMs: Milliseconds): void;
  /** End of the body (by body, trailers or end of headers). Only the first call counts. */
  onEnd(atMs: Milliseconds): void;
  /** Undefined until it happened. */
  readonly firstByteAtMs: Milliseconds | undefined;
  readonly firstTokenAtMs: Milliseconds | undefined;
  readonly lastTokenAtMs: Milliseconds | undefined;
  /** Events that carried generated output. 0 for a response that is not an event stream. */
  readonly tokenEvents: number;
  readonly usage: Usage;
  /** True for an event stream (by content type). */
  readonly streamed: boolean;
  /** The body ended, and where the response is a stream, its format's own end was seen before that. */
  readonly complete: boolean;
  /** The stream itself reported an error event after a 200 (OpenAI `error` object, Anthropic `error` event, `response.failed`). */
  readonly failed: boolean;
}

/** What decides how a response is read. */
export type ResponseOpening = {
  readonly api: Api;
  /** HTTP status of the response. */
  readonly status: number;
  readonly contentType: string | undefined;
  /** A compressed body is timed but not read. */
  readonly contentEncoding: string | undefined;
};
