/** What one event of a streamed response, or a whole JSON answer, says. */
export type ResponseFacts = {
  /** Generated output on any channel. */
  readonly hasOutput: boolean;
  /** The format's own end. */
  readonly isEnd: boolean;
  readonly isError: boolean;
  /** Whole response so far, as the server counts it; undefined where it does not say. */
  readonly outputTokens: number | undefined;
  /** Choices this event shows, and those it finishes. */
  readonly choices: readonly { readonly index: number; readonly finished: boolean }[];
};

type Json = { readonly [key: string]: unknown };

const nothing: ResponseFacts = { hasOutput: false, isEnd: false, isError: false, outputTokens: undefined, choices: [] };

const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null;
const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isJson) : []);
const isText = (value: unknown): boolean => typeof value === "string" && value.length > 0;
const countOf = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

function usageTokens(usage: unknown): number | undefined {
  if (!isJson(usage)) return undefined;
  return countOf(usage["completion_tokens"]) ?? countOf(usage["output_tokens"]);
}

/** `delta` of a streamed chat choice, `message` of a whole one. */
function chatOutput(part: unknown): boolean {
  if (!isJson(part)) return false;
  const called = part["function_call"];
  return (
    isText(part["content"]) ||
    isText(part["reasoning_content"]) ||
    isText(part["reasoning"]) ||
    isText(part["refusal"]) ||
    (isJson(called) && isText(called["arguments"])) ||
    listOf(part["tool_calls"]).some(({ function: call }) => isJson(call) && isText(call["arguments"]))
  );
}

function openAi(event: Json): ResponseFacts {
  const choices = listOf(event["choices"]);
  return {
    hasOutput: choices.some(({ text, delta, message }) => isText(text) || chatOutput(delta) || chatOutput(message)),
    isEnd: false,
    isError: isJson(event["error"]),
    outputTokens: usageTokens(event["usage"]),
    choices: choices.map((choice, at) => ({
      index: countOf(choice["index"]) ?? at,
      finished: isText(choice["finish_reason"]),
    })),
  };
}

function anthropicOutput(delta: unknown): boolean {
  return isJson(delta) && (isText(delta["text"]) || isText(delta["thinking"]) || isText(delta["partial_json"]));
}

/** Events that name themselves in `type`: Anthropic Messages and OpenAI Responses. */
function typed(type: string, event: Json): ResponseFacts {
  const { message, response } = event;
  const usage =
    usageTokens(event["usage"]) ??
    (isJson(message) ? usageTokens(message["usage"]) : undefined) ??
    (isJson(response) ? usageTokens(response["usage"]) : undefined);
  return {
    ...nothing,
    hasOutput:
      type === "content_block_delta"
        ? anthropicOutput(event["delta"])
        : type.endsWith(".delta") && isText(event["delta"]),
    isEnd: type === "message_stop" || type === "response.completed" || type === "response.incomplete",
    isError: type === "error" || type === "response.failed",
    outputTokens: usage,
  };
}

/** Reads the JSON text of one event or of one whole answer; text that is not a JSON object says nothing. */
export function readEvent(data: string): ResponseFacts {
  if (data === "[DONE]") return { ...nothing, isEnd: true };
  let event: unknown;
  try {
    event = JSON.parse(data);
  } catch {
    return nothing;
  }
  if (!isJson(event)) return nothing;
  const { type } = event;
  return typeof type === "string" && !("choices" in event) ? typed(type, event) : openAi(event);
}
