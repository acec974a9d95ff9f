import { describe, expect, it } from "@jest/globals";
import { VirtualReplica } from "../virtual-replica.ts";

const messages = [{ role: "user", content: "hello" }];
const chat = "/v1/chat/completions";

describe("problems", () => {
  it.each([
    { name: "unknown model", path: chat, body: { model: "nope", messages }, status: 404, param: "model" },
    { name: "no messages", path: chat, body: { model: "base", messages: [] }, status: 400, param: "messages" },
    { name: "wrong type", path: chat, body: { model: 3, messages }, status: 400, param: "model" },
    { name: "not JSON", path: chat, body: "{", status: 400, param: null },
    { name: "JSON that is no object", path: chat, body: "3", status: 400, param: null },
    { name: "n of 0", path: chat, body: { model: "base", messages, n: 0 }, status: 400, param: "n" },
    { name: "max_tokens 0", path: chat, body: { messages, max_tokens: 0 }, status: 400, param: "max_tokens" },
    { name: "context", path: chat, body: { messages, max_tokens: 512 }, status: 400, param: "max_tokens" },
    {
      name: "min above max",
      path: chat,
      body: { messages, max_tokens: 2, min_tokens: 3 },
      status: 400,
      param: "min_tokens",
    },
    {
      name: "a prompt that fills the context",
      path: "/v1/completions",
      body: { prompt: "x".repeat(3000) },
      status: 400,
      param: "max_tokens",
    },
    { name: "no prompt", path: "/v1/completions", body: { model: "base" }, status: 400, param: "prompt" },
    { name: "unknown path", path: "/v1/nothing", body: {}, status: 404, param: null },
    { name: "a name of every object", path: "/constructor", body: {}, status: 404, param: null },
  ])("$name: $status", ({ path, body, status, param }) => {
    expect(new VirtualReplica().askJson(path, body)).toEqual({
      status,
      body: { error: { message: expect.stringMatching(/./), type: expect.any(String), param, code: status } },
    });
  });

  it("names the numbers of a context that is exceeded", () => {
    const { body } = new VirtualReplica().askJson("/v1/completions", { prompt: [1, 2, 3], max_tokens: 510 });
    expect(body).toMatchObject({
      error: {
        message:
          "This model's maximum context length is 512 tokens. However, you requested 513 tokens " +
          "(3 in the prompt, 510 in the completion).",
        type: "BadRequestError",
      },
    });
  });

  it("speaks Anthropic's words on Anthropic's paths", () => {
    expect(new VirtualReplica().askJson("/v1/messages", { model: "nope", messages, max_tokens: 1 })).toEqual({
      status: 404,
      body: { type: "error", error: { type: "not_found_error", message: "The model `nope` does not exist." } },
    });
    expect(new VirtualReplica().askJson("/v1/messages", { model: "base", messages })).toMatchObject({
      status: 400,
      body: { error: { type: "invalid_request_error" } },
    });
  });

  it("says which methods a path takes", () => {
    expect(new VirtualReplica().askJson(chat, "", "GET")).toMatchObject({
      status: 405,
      body: { error: { message: "/v1/chat/completions takes POST, not GET" } },
    });
  });

  it("answers 429 when the queue is full, and 400 to what cannot fit in memory", () => {
    const full = new VirtualReplica({ engine: { maxWaitingRequests: 1 } });
    expect(full.askJson("/v1/completions", { prompt: ["a", "b"] }).status).toBe(429);
    expect(full.replica.state).toMatchObject({ runningRequests: 0, waitingRequests: 0 });
    const small = new VirtualReplica({ engine: { numGpuBlocks: 4 } });
    expect(small.askJson("/v1/completions", { prompt: "a", max_tokens: 100 }).status).toBe(400);
  });
});
