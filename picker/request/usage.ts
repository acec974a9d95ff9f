import { unreachable } from "#errors";
import type { Tokens } from "#units";
import { enterObject, fieldNames, nextField, type JsonCursor } from "./json-cursor.ts";
import { takeCount } from "./json-value.ts";
import type { Usage } from "./request.ts";

/** What usage objects said so far; undefined: nothing. */
export type UsageCounts = {
  input: Tokens | undefined;
  output: Tokens | undefined;
  cached: Tokens | undefined;
  /** Anthropic only: input that was written to the cache, which its `input_tokens` leave out. */
  cacheCreation: Tokens | undefined;
  /** Whether `input` leaves out what came from the cache and what went into it. */
  inputWithoutCache: boolean;
};

export const createUsageCounts = (): UsageCounts => ({
  input: undefined,
  output: undefined,
  cached: undefined,
  cacheCreation: undefined,
  inputWithoutCache: false,
});

export function clearUsage(counts: UsageCounts): void {
  counts.input = undefined;
  counts.output = undefined;
  counts.cached = undefined;
  counts.cacheCreation = undefined;
}

export const isEmptyUsage = (counts: UsageCounts): boolean =>
  counts.input === undefined &&
  counts.output === undefined &&
  counts.cached === undefined &&
  counts.cacheCreation === undefined;

/** A later usage object replaces what it names and leaves the rest. */
export function mergeUsage(counts: UsageCounts, later: UsageCounts): void {
  counts.input = later.input ?? counts.input;
  counts.output = later.output ?? counts.output;
  counts.cached = later.cached ?? counts.cached;
  counts.cacheCreation = later.cacheCreation ?? counts.cacheCreation;
  counts.inputWithoutCache = later.inputWithoutCache || counts.inputWithoutCache;
}

export function toUsage(counts: UsageCounts): Usage {
  const { input, output, cached, cacheCreation } = counts;
  const isPartial = counts.inputWithoutCache && input !== undefined;
  return {
    inputTokens: isPartial ? input + (cached ?? 0) + (cacheCreation ?? 0) : input,
    outputTokens: output,
    cachedTokens: cached,
  };
}

/** Reads the usage object at the cursor, or moves behind a null. */
export type ReadUsage = (cursor: JsonCursor, counts: UsageCounts) => void;

const cachedFields = fieldNames("cached_tokens");
const openAiFields = fieldNames(
  "prompt_tokens",
  "input_tokens",
  "completion_tokens",
  "output_tokens",
  "prompt_tokens_details",
  "input_tokens_details",
);
const anthropicFields = fieldNames(
  "input_tokens",
  "output_tokens",
  "cache_read_input_tokens",
  "cache_creation_input_tokens",
);

function readDetails(cursor: JsonCursor, counts: UsageCounts): void {
  if (!enterObject(cursor)) return;
  while (nextField(cursor, cachedFields) !== undefined) counts.cached = takeCount(cursor) ?? counts.cached;
}

/** Chat, completions and embeddings say prompt and completion, the Responses API says input and output. */
export function readOpenAiUsage(cursor: JsonCursor, counts: UsageCounts): void {
  if (!enterObject(cursor)) return;
  for (;;) {
    const field = nextField(cursor, openAiFields);
    switch (field) {
      case undefined:
        return;
      case "prompt_tokens":
      case "input_tokens":
        counts.input = takeCount(cursor) ?? counts.input;
        break;
      case "completion_tokens":
      case "output_tokens":
        counts.output = takeCount(cursor) ?? counts.output;
        break;
      case "prompt_tokens_details":
      case "input_tokens_details":
        readDetails(cursor, counts);
        break;
      default:
        unreachable(field);
    }
  }
}

export function readAnthropicUsage(cursor: JsonCursor, counts: UsageCounts): void {
  counts.inputWithoutCache = true;
  if (!enterObject(cursor)) return;
  for (;;) {
    const field = nextField(cursor, anthropicFields);
    switch (field) {
      case undefined:
        return;
      case "input_tokens":
        counts.input = takeCount(cursor) ?? counts.input;
        break;
      case "output_tokens":
        counts.output = takeCount(cursor) ?? counts.output;
        break;
      case "cache_read_input_tokens":
        counts.cached = takeCount(cursor) ?? counts.cached;
        break;
      case "cache_creation_input_tokens":
        counts.cacheCreation = takeCount(cursor) ?? counts.cacheCreation;
        break;
      default:
        unreachable(field);
    }
  }
}
