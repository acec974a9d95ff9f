import { textOrTokensFault, type RequestFormat } from "./request-format.ts";

export const openAiCompletions: RequestFormat = {
  modelRequired: true,
  promptFields: ["prompt"],
  maxTokensFields: ["max_tokens"],
  fault: (body) => textOrTokensFault("prompt", body["prompt"]),
};
