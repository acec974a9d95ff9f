/** Anthropic's own client for JavaScript, unmodified. */
import { beforeAll, describe, expect, it } from "@jest/globals";
import Anthropic, { BadRequestError, InternalServerError, NotFoundError } from "@anthropic-ai/sdk";
import { model } from "./support/calls.ts";
import { startSimulatedStack } from "./support/simulated.ts";
import { holdingBriefly } from "./support/flow-stack.ts";
import { gatewayKinds, listed, startStack } from "./support/stack.ts";
import { stopAfterTests } from "./support/started.ts";

const messages = [{ role: "user" as const, content: "Say something." }];
const clientOf = (baseURL: string): Anthropic => new Anthropic({ baseURL, apiKey: "not-a-key", maxRetries: 0 });

describe.each(gatewayKinds)("@anthropic-ai/sdk through the %s gateway", (kind) => {
  const started = stopAfterTests();
  let client: Anthropic;
  let nobody: Anthropic;

  beforeAll(async () => {
    client = clientOf((await startSimulatedStack(started, kind)).stack.baseUrl);
    nobody = clientOf(
      started.keep(await startStack(kind, { endpoints: listed([]), configuration: holdingBriefly() })).baseUrl,
    );
  });

  it("creates a message and counts tokens", async () => {
    const message = await client.messages.create({ model, messages, max_tokens: 8 });
    expect(message).toMatchObject({ type: "message", role: "assistant", model });
    expect(message.content[0]).toMatchObject({ type: "text", text: expect.stringMatching(/./) });
    expect(message.usage.output_tokens).toBeGreaterThan(0);
    const { input_tokens: counted } = await client.messages.countTokens({ model, messages });
    expect(counted).toBe(message.usage.input_tokens + (message.usage.cache_read_input_tokens ?? 0));
  });

  it("streams a message", async () => {
    const stream = client.messages.stream({ model, messages, max_tokens: 8 });
    const types = new Set<string>();
    for await (const event of stream) types.add(event.type);
    expect([...types]).toEqual([
      "message_start",
      "content_block_start",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
    const message = await stream.finalMessage();
    expect(message.content[0]).toMatchObject({ type: "text", text: expect.stringMatching(/./) });
  });

  it("raises its own error classes", async () => {
    await expect(client.messages.create({ model, max_tokens: 8 } as never)).rejects.toBeInstanceOf(BadRequestError);
    await expect(client.messages.create({ model: "no-such-model", messages, max_tokens: 8 })).rejects.toBeInstanceOf(
      NotFoundError,
    );
    const refused = nobody.messages.create({ model, messages, max_tokens: 8 });
    await expect(refused).rejects.toBeInstanceOf(InternalServerError);
    await expect(refused).rejects.toMatchObject({ status: 503, error: { error: { type: "overloaded_error" } } });
  });
});
