import { faultOf, type RequestFormat } from "./request-format.ts";

/** `model` is optional in this API: a server with one model takes its own. */
export const openAiResponses: RequestFormat = {
  modelRequired: false,
  promptFields: ["tools", "instructions", "input"],
  maxTokensFields: ["max_output_tokens"],
  fault: (body) => {
    const input = body["input"];
    const isPresent = typeof input === "string" || (Array.isArray(input) && input.length > 0);
    return isPresent ? undefined : faultOf("input", "a string or an array of input items", input);
  },
};
