import { describe, expect, it } from "@jest/globals";
import { apiOf } from "../../../../picker/request/api.ts";

describe("apiOf", () => {
  it.each([
    ["/v1/chat/completions", "openai-chat"],
    ["/v1/completions", "openai-completions"],
    ["/v1/embeddings", "openai-embeddings"],
    ["/v1/responses", "openai-responses"],
    ["/v1/messages", "anthropic-messages"],
    ["/v1/messages/count_tokens", "anthropic-count-tokens"],
    ["/openai/v1/chat/completions", "openai-chat"],
    ["/chat/completions", "openai-chat"],
    ["/tenants/a/anthropic/v1/messages", "anthropic-messages"],
    ["/v1/chat/completions?api-version=2024-06-01", "openai-chat"],
    ["/v1/chat/completions/", "openai-chat"],
    ["/v1/messages/?beta=true", "anthropic-messages"],
    ["/v1/completions?next=/v1/messages", "openai-completions"],
    ["/v1/xmessages", "pass-through"],
    ["/v1/xchat/completions", "openai-completions"],
    ["completions", "pass-through"],
    ["/v1/chat/completions/render", "pass-through"],
    ["/v1/chat/completions//", "pass-through"],
    ["/v1/responses/resp_1/cancel", "pass-through"],
    ["/v1/Messages", "pass-through"],
    ["/generate", "pass-through"],
    ["/", "pass-through"],
    ["", "pass-through"],
    ["?/v1/messages", "pass-through"],
  ])("POST %s is %s", (path, api) => expect(apiOf("POST", path)).toBe(api));

  it.each([
    ["GET", "/v1/models"],
    ["GET", "/v1/responses"],
    ["OPTIONS", "/v1/chat/completions"],
    ["post", "/v1/chat/completions"],
  ])("%s %s is passed through", (method, path) => expect(apiOf(method, path)).toBe("pass-through"));
});
