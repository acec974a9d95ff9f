import { messageOf } from "#errors";
import type { DecodedRequest } from "./answer.ts";
import { decodeChat } from "./chat.ts";
import { decodeCompletions } from "./completions.ts";
import { decodeEmbeddings } from "./embeddings.ts";
import { decodeCountTokens, decodeMessages } from "./messages.ts";
import { decodeResponses } from "./responses.ts";
import type { ServedModels } from "./served-models.ts";

type Decode = (json: unknown, served: ServedModels) => DecodedRequest;

const routes: Readonly<Record<string, Decode>> = {
  "/v1/chat/completions": decodeChat,
  "/v1/completions": decodeCompletions,
  "/v1/embeddings": decodeEmbeddings,
  "/v1/messages": decodeMessages,
  "/v1/messages/count_tokens": decodeCountTokens,
  "/v1/responses": decodeResponses,
};

/** True for the paths that take a JSON body by POST. */
export const isInferencePath = (path: string): boolean => Object.hasOwn(routes, path);

/** Decodes the body of an inference request by its path. */
export function decodeInference(path: string, body: string, served: ServedModels): DecodedRequest {
  const decode = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (decode === undefined) return { kind: "problem", problem: { status: 404, message: `no such path: ${path}` } };
  try {
    return decode(JSON.parse(body), served);
  } catch (caught) {
    if (!(caught instanceof SyntaxError)) throw caught;
    return { kind: "problem", problem: { status: 400, message: `The body is not JSON: ${messageOf(caught)}` } };
  }
}
