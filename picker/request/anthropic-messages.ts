import { messagesFault, type RequestFormat } from "./request-format.ts";

/** Source of the prompt's order: Anthropic's prompt caching, tools → system → messages. */
export const anthropicMessages: RequestFormat = {
  modelRequired: true,
  promptFields: ["tools", "system", "messages"],
  maxTokensFields: ["max_tokens"],
  fault: messagesFault,
};

/** Counting runs no model, so it leaves nothing in a prefix cache. */
export const anthropicCountTokens: RequestFormat = {
  modelRequired: true,
  promptFields: [],
  maxTokensFields: [],
  fault: messagesFault,
};
