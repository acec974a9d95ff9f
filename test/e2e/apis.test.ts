/** Every API through the whole path: client, gateway, picker, model server and back. */
import { beforeAll, describe, expect, it } from "@jest/globals";
import { sendHttp2, type Got } from "../contract/gateway/http-client.ts";
import {
  at,
  call,
  chatBody,
  eventsOf,
  jsonOf,
  model,
  newRequestId,
  paths,
  sentOf,
  type Call,
} from "./support/calls.ts";
import { readPage, sampleSum } from "./support/exposition.ts";
import { becomes } from "./support/poll.ts";
import { startSimulatedStack } from "./support/simulated.ts";
import { gatewayKinds, poolName, type Stack } from "./support/stack.ts";
import { stopAfterTests } from "./support/started.ts";

const maxTokens = 12;
const prompt = "one two three";

/** Answers in one piece: what to send, and where the answer says how many tokens it made. */
const wholeAnswers: readonly { name: string; path: string; body: object; shape: object; tokensAt: string[] }[] = [
  {
    name: "chat completion",
    path: paths.chat,
    body: chatBody({ max_tokens: maxTokens, ignore_eos: true }),
    shape: { object: "chat.completion", model, choices: [{ message: { role: "assistant" }, finish_reason: "length" }] },
    tokensAt: ["usage", "completion_tokens"],
  },
  {
    name: "completion",
    path: paths.completions,
    body: { model, prompt, max_tokens: maxTokens, ignore_eos: true },
    shape: { object: "text_completion", choices: [{ index: 0, finish_reason: "length" }] },
    tokensAt: ["usage", "completion_tokens"],
  },
  {
    name: "response",
    path: paths.responses,
    body: { model, input: prompt, max_output_tokens: maxTokens },
    shape: { object: "response", output: [{ type: "message" }] },
    tokensAt: ["usage", "output_tokens"],
  },
  {
    name: "Anthropic message",
    path: paths.messages,
    body: { model, messages: [{ role: "user", content: prompt }], max_tokens: maxTokens },
    shape: { type: "message", role: "assistant", content: [{ type: "text" }] },
    tokensAt: ["usage", "output_tokens"],
  },
];

/** Streams: how the last event is called, and how an event of a token looks. */
const streams: readonly { name: string; path: string; body: object; last: unknown; textAt: (string | number)[] }[] = [
  {
    name: "chat completion",
    path: paths.chat,
    body: chatBody({ max_tokens: maxTokens, ignore_eos: true, stream: true }),
    last: { data: "[DONE]" },
    textAt: ["choices", 0, "delta", "content"],
  },
  {
    name: "completion",
    path: paths.completions,
    body: { model, prompt, max_tokens: maxTokens, ignore_eos: true, stream: true },
    last: { data: "[DONE]" },
    textAt: ["choices", 0, "text"],
  },
  {
    name: "response",
    path: paths.responses,
    body: { model, input: prompt, max_output_tokens: maxTokens, stream: true },
    last: { event: "response.completed", data: { type: "response.completed" } },
    textAt: ["delta"],
  },
  {
    name: "Anthropic message",
    path: paths.messages,
    body: { model, messages: [{ role: "user", content: prompt }], max_tokens: maxTokens, stream: true },
    last: { event: "message_stop", data: { type: "message_stop" } },
    textAt: ["delta", "text"],
  },
];

describe.each(gatewayKinds)("through the %s gateway", (kind) => {
  const started = stopAfterTests();
  let stack: Stack;

  beforeAll(async () => {
    ({ stack } = await startSimulatedStack(started, kind, 2));
  });

  const exchange = async (request: Call): Promise<{ readonly got: Got; readonly requestId: string }> => {
    const requestId = newRequestId();
    return { got: await call(stack.baseUrl, { ...request, requestId }), requestId };
  };

  it.each(wholeAnswers)("$name: arrives whole and is judged as completed", async ({ path, body, shape, tokensAt }) => {
    const { got, requestId } = await exchange({ path, body });
    expect(got.status).toBe(200);
    expect(jsonOf(got)).toMatchObject(shape);
    const record = await stack.verdictOf(requestId);
    expect(record).toMatchObject({ objective: "chat", outcome: "completed", verdict: "met", responseStatus: 200 });
    expect(record.outputTokens).toBe(at(jsonOf(got), ...tokensAt));
    expect(record.ttftSeconds).toBeUndefined();
    expect(record.endpoint).toMatch(/^default\/m[01]$/);
  });

  it.each(streams)("streamed $name: keeps its order up to its end", async ({ path, body, last, textAt }) => {
    const { got, requestId } = await exchange({ path, body });
    expect([got.status, got.headers["content-type"]]).toEqual([200, "text/event-stream; charset=utf-8"]);
    const events = eventsOf(got.body);
    expect(events.at(-1)).toMatchObject(last as object);
    const texts = events
      .map(({ data }) => at(data, ...textAt))
      .filter((text) => typeof text === "string" && text !== "");
    const record = await stack.verdictOf(requestId);
    expect(record).toMatchObject({ outcome: "completed", verdict: "met" });
    expect(record.dimensions).toMatchObject({ ttft: "met", e2e: "met" });
    expect(record.outputTokens).toBe(texts.length);
    expect(record.ttftSeconds).toBeGreaterThan(0);
  });

  it("a stream's text is the text of the same answer in one piece", async () => {
    const body = chatBody({ max_tokens: 40, ignore_eos: true, seed: 7 });
    const { got: whole } = await exchange({ path: paths.chat, body });
    const { got: stream } = await exchange({ path: paths.chat, body: { ...body, stream: true } });
    const pieces = eventsOf(stream.body).map(({ data }) => at(data, "choices", 0, "delta", "content"));
    expect(pieces.filter((piece) => typeof piece === "string").join("")).toBe(
      at(jsonOf(whole), "choices", 0, "message", "content"),
    );
  });

  it("embeddings and token counts arrive", async () => {
    const embedded = await exchange({ path: paths.embeddings, body: { model, input: prompt } });
    expect(embedded.got.status).toBe(200);
    expect(jsonOf(embedded.got)).toMatchObject({ object: "list", data: [{ object: "embedding", index: 0 }] });
    expect(await stack.verdictOf(embedded.requestId)).toMatchObject({ outcome: "completed", verdict: "met" });
    const messages = [{ role: "user", content: prompt }];
    const counted = await exchange({ path: paths.countTokens, body: { model, messages } });
    expect(counted.got.status).toBe(200);
    expect(at(jsonOf(counted.got), "input_tokens")).toBeGreaterThan(0);
  });

  it("requests of no known API pass, and so do the model server's own answers to them", async () => {
    const { got: models } = await exchange({ path: paths.models });
    expect(models.status).toBe(200);
    expect(jsonOf(models)).toMatchObject({ object: "list", data: [{ id: model }] });
    const { got: missing, requestId } = await exchange({ path: "/v1/nothing/here", body: { any: "thing" } });
    expect(missing.status).toBe(404);
    expect(at(jsonOf(missing), "error", "message")).toBe("no such path: /v1/nothing/here");
    expect(await stack.verdictOf(requestId)).toMatchObject({ outcome: "invalid", verdict: "excluded" });
  });

  it("HTTP/2 clients with prior knowledge are served", async () => {
    const body = chatBody({ max_tokens: maxTokens, ignore_eos: true, stream: true });
    const got = await sendHttp2(stack.baseUrl, sentOf({ path: paths.chat, body }));
    expect(got.status).toBe(200);
    expect(eventsOf(got.body).at(-1)).toMatchObject({ data: "[DONE]" });
  });

  it("counts each request once on /metrics", async () => {
    const met = { pool: poolName, objective: "chat", verdict: "met" };
    const counted = async (): Promise<number | undefined> =>
      sampleSum(await readPage(stack.metricsUrl), "attain_objective_requests_total", met);
    await stack.idle();
    const before = (await counted()) ?? 0;
    const requests = 5;
    for (let i = 0; i < requests; i++) await exchange({ path: paths.chat, body: chatBody({ max_tokens: 2 }) });
    await becomes(`${requests} more met requests`, async () => (await counted()) === before + requests);
    expect(stack.picker.ledger.total).toBe(0);
  });
});
