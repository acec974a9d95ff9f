import type { Api } from "../../picker/request/request.ts";
import { createResponseReader } from "../../picker/request/response-reader.ts";
import type { Bench, BenchCase } from "./compare.ts";

/** Chunks of one case, read in turn. */
const chunkCount = 64;

const words = [" the", " quick", " brown", " fox", ' "quoted"', " naïve", "\n", " jumps"];
const chunks = (event: (text: string, i: number) => string): readonly Buffer[] =>
  Array.from({ length: chunkCount }, (_, i) => Buffer.from(event(JSON.stringify(words[i % words.length]), i)));

const chatChunk = (text: string, more: string): string =>
  `data: {"id":"chatcmpl-6b1f2c3d4e5f60718293a4b5c6d7e8f9","object":"chat.completion.chunk","created":1763990000,` +
  `"model":"Qwen/Qwen3-8B","choices":[{"index":0,"delta":{"content":${text}},"logprobs":null,"finish_reason":null}]${more}}\n\n`;

const continuousUsage = (i: number): string =>
  `,"usage":{"prompt_tokens":1234,"total_tokens":${1235 + i},"completion_tokens":${1 + i}}`;

const responsesChunk = (text: string, i: number): string =>
  `event: response.output_text.delta\ndata: {"content_index":0,"delta":${text},"item_id":"msg_6b1f2c3d4e5f60718293a4b5","logprobs":[],` +
  `"output_index":0,"sequence_number":${i},"type":"response.output_text.delta"}\n\n`;

const anthropicChunk = (text: string): string =>
  `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":${text}}}\n\n`;

type AnyEvent = {
  readonly choices?: readonly { readonly delta: { readonly content?: string } }[];
  readonly usage?: object;
  readonly delta?: string | { readonly text?: string };
};

/** The plain way: lines of text, JSON.parse of each event. */
function splitAndParse(chunk: Buffer): number {
  let tokens = 0;
  for (const line of chunk.toString().split("\n")) {
    if (!line.startsWith("data: ")) continue;
    const event = JSON.parse(line.slice(6)) as AnyEvent;
    if (event.choices?.[0]?.delta.content !== undefined || event.delta !== undefined) tokens++;
  }
  return tokens;
}

function caseOf(name: string, api: Api, all: readonly Buffer[]): BenchCase {
  const reader = createResponseReader({
    api,
    status: 200,
    contentType: "text/event-stream",
    contentEncoding: undefined,
  });
  let next = 0;
  let baselineNext = 0;
  return {
    name: `${name}, one chunk of ${all[0]!.length} B`,
    baseline: () => splitAndParse(all[baselineNext++ % chunkCount]!),
    candidate: () => {
      reader.onChunk(all[next % chunkCount]!, next);
      next++;
      return reader.tokenEvents;
    },
    baselineName: "split lines, JSON.parse",
  };
}

export const bench: Bench = {
  name: "read a chunk of a streamed response",
  cases: () => [
    caseOf(
      "chat",
      "openai-chat",
      chunks((text) => chatChunk(text, "")),
    ),
    caseOf(
      "chat, continuous usage",
      "openai-chat",
      chunks((text, i) => chatChunk(text, continuousUsage(i))),
    ),
    caseOf("responses, numbered events", "openai-responses", chunks(responsesChunk)),
    caseOf("messages", "anthropic-messages", chunks(anthropicChunk)),
  ],
};
