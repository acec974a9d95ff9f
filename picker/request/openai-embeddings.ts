import { textOrTokensFault, type RequestFormat } from "./request-format.ts";

export const openAiEmbeddings: RequestFormat = {
  modelRequired: true,
  promptFields: ["input"],
  maxTokensFields: [],
  fault: (body) => textOrTokensFault("input", body["input"]),
};
