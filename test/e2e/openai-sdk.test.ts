/** OpenAI's own client for JavaScript, unmodified. */
import { beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import OpenAI, { type APIError, BadRequestError, InternalServerError, NotFoundError, RateLimitError } from "openai";
import { model } from "./support/calls.ts";
import { startSimulatedStack, type SimulatedStack } from "./support/simulated.ts";
import { holdingBriefly } from "./support/flow-stack.ts";
import { gatewayKinds, listed, startStack } from "./support/stack.ts";
import { stopAfterTests } from "./support/started.ts";

const messages = [{ role: "user" as const, content: "Say something." }];
const clientOf = (baseUrl: string): OpenAI =>
  new OpenAI({
    baseURL: `${baseUrl}/v1`,
    apiKey: "not-a-key",
    maxRetries: 0,
    defaultHeaders: { "x-llm-d-inference-objective": "chat" },
  });

const failureOf = async (call: PromiseLike<unknown>): Promise<unknown> => {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new Error("the call did not fail");
};

describe.each(gatewayKinds)("openai through the %s gateway", (kind) => {
  const started = stopAfterTests();
  let behind: SimulatedStack;
  let client: OpenAI;
  let nobody: OpenAI;

  beforeAll(async () => {
    behind = await startSimulatedStack(started, kind);
    client = clientOf(behind.stack.baseUrl);
    nobody = clientOf(
      started.keep(await startStack(kind, { endpoints: listed([]), configuration: holdingBriefly() })).baseUrl,
    );
  });
  beforeEach(() => behind.simulator.setFaults(0, { errorRate: 0 }));

  it("chat completions, whole and streamed", async () => {
    const whole = await client.chat.completions.create({ model, messages, max_tokens: 8, seed: 1 });
    expect(whole.choices[0]?.message.content?.length).toBeGreaterThan(0);
    expect(whole.usage?.completion_tokens).toBeGreaterThan(0);
    const stream = await client.chat.completions.create({
      model,
      messages,
      max_tokens: 8,
      seed: 1,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    let tokens: number | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? "";
      tokens = chunk.usage?.completion_tokens ?? tokens;
    }
    expect(text).toBe(whole.choices[0]?.message.content);
    expect(tokens).toBe(whole.usage?.completion_tokens);
  });

  it("a streamed chat completion that is left early frees its place", async () => {
    const stream = await client.chat.completions.create({ model, messages, max_tokens: 2000, stream: true });
    for await (const chunk of stream) {
      if ((chunk.choices[0]?.delta.content ?? "") !== "") break;
    }
    await expect(behind.stack.idle()).resolves.toBe(true);
  });

  it("completions, embeddings and models", async () => {
    const completion = await client.completions.create({ model, prompt: "one", max_tokens: 4 });
    expect(completion.choices[0]?.text.length).toBeGreaterThan(0);
    const embedding = await client.embeddings.create({ model, input: ["one", "two"] });
    expect(embedding.data.map(({ index }) => index)).toEqual([0, 1]);
    expect(embedding.data[0]?.embedding.length).toBeGreaterThan(0);
    const models = await client.models.list();
    expect(models.data.map(({ id }) => id)).toEqual([model]);
  });

  it("responses, whole and streamed", async () => {
    const whole = await client.responses.create({ model, input: "one", max_output_tokens: 6 });
    expect(whole.output_text.length).toBeGreaterThan(0);
    const stream = await client.responses.create({ model, input: "one", max_output_tokens: 6, stream: true });
    const types: string[] = [];
    for await (const event of stream) types.push(event.type);
    expect(types[0]).toBe("response.created");
    expect(types).toContain("response.output_text.delta");
    expect(types.at(-1)).toBe("response.completed");
  });

  it.each([
    { name: "without messages", body: { model } },
    { name: "with messages of the wrong form", body: { model, messages: "hello" } },
  ])("a chat $name raises BadRequestError", async ({ body }) => {
    const error = await failureOf(client.chat.completions.create(body as never));
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ status: 400, message: expect.stringContaining("messages") });
  });

  it("an unknown model raises the model server's NotFoundError", async () => {
    const error = await failureOf(client.chat.completions.create({ model: "no-such-model", messages }));
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error).toMatchObject({ status: 404, param: "model" });
  });

  it("a busy model server raises RateLimitError, a broken one InternalServerError", async () => {
    behind.simulator.setFaults(0, { errorRate: 1, errorStatus: 429 });
    expect(await failureOf(client.chat.completions.create({ model, messages }))).toBeInstanceOf(RateLimitError);
    behind.simulator.setFaults(0, { errorRate: 1, errorStatus: 503 });
    expect(await failureOf(client.chat.completions.create({ model, messages }))).toBeInstanceOf(InternalServerError);
  });

  it("a pool without endpoints raises InternalServerError that says why", async () => {
    const error = await failureOf(nobody.chat.completions.create({ model, messages }));
    expect(error).toBeInstanceOf(InternalServerError);
    const { status, headers, message } = error as APIError;
    expect([status, headers?.get("x-llm-d-request-dropped-reason")]).toEqual([503, "rejected-no-endpoints"]);
    expect(message).toContain("no model server");
  });
});
