import { messagesFault, type RequestFormat } from "./request-format.ts";

/** Chat templates put the tools into or before the first message. */
export const openAiChat: RequestFormat = {
  modelRequired: true,
  promptFields: ["tools", "messages"],
  maxTokensFields: ["max_completion_tokens", "max_tokens"],
  fault: messagesFault,
};
