import type { Api } from "./request.ts";

const endings: readonly (readonly [ending: string, api: Api])[] = [
  ["/chat/completions", "openai-chat"],
  ["/completions", "openai-completions"],
  ["/embeddings", "openai-embeddings"],
  ["/responses", "openai-responses"],
  ["/messages", "anthropic-messages"],
  ["/messages/count_tokens", "anthropic-count-tokens"],
];

/**
 * The API that a request speaks. A path may have any prefix (`/openai/v1/chat/completions`), a query and one trailing
 * slash; its ending must match whole segments. Everything but a POST to a known path is `pass-through`.
 * @param method as in `:method`
 * @param path as in `:path`
 */
export function apiOf(method: string, path: string): Api {
  if (method !== "POST") return "pass-through";
  const query = path.indexOf("?");
  let end = query < 0 ? path.length : query;
  if (path[end - 1] === "/") end--;
  for (const [ending, api] of endings) {
    if (path.endsWith(ending, end)) return api;
  }
  return "pass-through";
}
