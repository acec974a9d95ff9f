import Anthropic from "@anthropic-ai/sdk";
import { describe, expect, it } from "@jest/globals";
import OpenAI from "openai";
import { errorBody } from "../../../../picker/request/error-body.ts";
import type { Api } from "../../../../picker/request/request.ts";

const parsed = (api: Api, status: number, code?: string): unknown => {
  const { contentType, body } = errorBody(api, status, 'why "not" ü', code);
  expect(contentType).toBe("application/json");
  return JSON.parse(body.toString()) as unknown;
};

describe("errorBody", () => {
  it.each([
    { status: 400, type: "invalid_request_error", code: null, raises: OpenAI.BadRequestError },
    { status: 404, type: "not_found_error", code: null, raises: OpenAI.NotFoundError },
    { status: 413, type: "invalid_request_error", code: null, raises: OpenAI.APIError },
    { status: 429, type: "rate_limit_error", code: "rate_limit_exceeded", raises: OpenAI.RateLimitError },
    { status: 500, type: "server_error", code: null, raises: OpenAI.InternalServerError },
    { status: 503, type: "service_unavailable", code: null, raises: OpenAI.InternalServerError },
  ])("is OpenAI's for $status: $type", ({ status, type, code, raises }) => {
    const body = parsed("openai-chat", status);
    expect(body).toEqual({ error: { message: 'why "not" ü', type, param: null, code } });
    const error = OpenAI.APIError.generate(status, body as object, undefined, new Headers());
    expect(error).toBeInstanceOf(raises);
    expect(error).toMatchObject({ status, type, code, message: `${status} why "not" ü` });
  });

  it.each([
    { status: 400, type: "invalid_request_error", raises: Anthropic.BadRequestError },
    { status: 404, type: "not_found_error", raises: Anthropic.NotFoundError },
    { status: 413, type: "request_too_large", raises: Anthropic.APIError },
    { status: 429, type: "rate_limit_error", raises: Anthropic.RateLimitError },
    { status: 500, type: "api_error", raises: Anthropic.InternalServerError },
    { status: 503, type: "overloaded_error", raises: Anthropic.InternalServerError },
    { status: 504, type: "timeout_error", raises: Anthropic.InternalServerError },
    { status: 529, type: "overloaded_error", raises: Anthropic.InternalServerError },
  ])("is Anthropic's for $status: $type", ({ status, type, raises }) => {
    const body = parsed("anthropic-messages", status);
    expect(body).toEqual({ type: "error", error: { type, message: 'why "not" ü' } });
    const error = Anthropic.APIError.generate(status, body as object, undefined, new Headers());
    expect(error).toBeInstanceOf(raises);
    expect(error).toMatchObject({ status, type });
  });

  it("carries a code where each SDK looks for it", () => {
    const openAi = OpenAI.APIError.generate(
      429,
      parsed("openai-responses", 429, "queue_full") as object,
      "",
      new Headers(),
    );
    expect(openAi.code).toBe("queue_full");
    const anthropic = parsed("anthropic-count-tokens", 429, "queue_full");
    expect(Anthropic.APIError.generate(429, anthropic as object, "", new Headers())).toMatchObject({
      errorCode: "queue_full",
    });
  });

  it("says no more than why, as plain text, to clients of an unknown API", () => {
    const { contentType, body } = errorBody("pass-through", 429, 'why "not" ü', "queue_full");
    expect(contentType).toBe("text/plain; charset=utf-8");
    expect(body.toString()).toBe('why "not" ü');
  });
});
