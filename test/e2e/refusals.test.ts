/** Requests that the picker answers itself, in the words of the client's API. */
import { beforeAll, describe, expect, it } from "@jest/globals";
import { call, chatBody, jsonOf, newRequestId, paths } from "./support/calls.ts";
import { holdingBriefly } from "./support/flow-stack.ts";
import { readPage, sampleSum } from "./support/exposition.ts";
import { startScriptedStack } from "./support/scripted.ts";
import { gatewayKinds, listed, poolName, startStack, type Stack } from "./support/stack.ts";
import { stopAfterTests } from "./support/started.ts";
import type { ScriptedUpstream } from "../contract/gateway/scripted-upstream.ts";

const maxBodyBytes = 4096;

describe.each(gatewayKinds)("through the %s gateway", (kind) => {
  const started = stopAfterTests();
  let stack: Stack;
  let upstream: ScriptedUpstream;
  let empty: Stack;

  beforeAll(async () => {
    ({ stack, upstream } = await startScriptedStack(started, kind, { maxBodyBytes }));
    empty = started.keep(
      await startStack(kind, {
        endpoints: listed([]),
        configuration: holdingBriefly(),
      }),
    );
  });

  it.each([
    { name: "JSON that breaks off", body: '{"model":"m","messages":[' },
    { name: "a body that is no object", body: "[1, 2]" },
    { name: "a chat without messages", body: '{"model":"m"}' },
  ])("$name is a 400 in OpenAI's words", async ({ body }) => {
    const requestId = newRequestId();
    const got = await call(stack.baseUrl, { requestId, path: paths.chat, body });
    expect([got.status, got.headers["content-type"]]).toEqual([400, "application/json"]);
    const message = expect.any(String);
    expect(jsonOf(got)).toEqual({ error: { message, type: "invalid_request_error", param: null, code: null } });
    expect(await stack.verdictOf(requestId)).toMatchObject({ outcome: "invalid", verdict: "excluded" });
  });

  it("a malformed Anthropic request is a 400 in Anthropic's words", async () => {
    const got = await call(stack.baseUrl, { path: paths.messages, body: '{"model": ' });
    expect(got.status).toBe(400);
    const message = expect.any(String);
    expect(jsonOf(got)).toEqual({ type: "error", error: { type: "invalid_request_error", message } });
  });

  it("a body above the limit is a 413, one at the limit passes", async () => {
    const empty = JSON.stringify(chatBody({ user: "" }));
    const bodyOf = (length: number): string =>
      JSON.stringify(chatBody({ user: "u".repeat(length - Buffer.byteLength(empty)) }));
    upstream.answer = (_, response) => response.end("{}");
    const fitting = await call(stack.baseUrl, { path: paths.chat, body: bodyOf(maxBodyBytes) });
    expect(fitting.status).toBe(200);
    const requestId = newRequestId();
    const got = await call(stack.baseUrl, { requestId, path: paths.chat, body: bodyOf(maxBodyBytes + 1) });
    expect(got.status).toBe(413);
    expect(jsonOf(got)).toMatchObject({ error: { message: expect.stringContaining(String(maxBodyBytes)) } });
    expect(await stack.verdictOf(requestId)).toMatchObject({ outcome: "invalid", verdict: "excluded" });
  });

  it("nothing of a refused request reaches the model server", async () => {
    const before = upstream.received.length;
    await call(stack.baseUrl, { path: paths.chat, body: "{" });
    await call(stack.baseUrl, { path: paths.messages, body: "{" });
    expect(upstream.received.length).toBe(before);
  });

  it("without endpoints every request is a 503 that says why", async () => {
    const requestId = newRequestId();
    const got = await call(empty.baseUrl, { requestId, path: paths.chat, body: chatBody() });
    expect(got.status).toBe(503);
    expect(got.headers["x-llm-d-request-dropped-reason"]).toBe("rejected-no-endpoints");
    expect(jsonOf(got)).toMatchObject({ error: { type: "service_unavailable" } });
    expect(await empty.verdictOf(requestId)).toMatchObject({ verdict: "missed", reason: "no_endpoints" });
    const anthropic = await call(empty.baseUrl, { path: paths.messages, body: chatBody({ max_tokens: 1 }) });
    expect([anthropic.status, jsonOf(anthropic)]).toMatchObject([503, { error: { type: "overloaded_error" } }]);
    const models = await call(empty.baseUrl, { path: paths.models });
    expect(models.status).toBe(503);
    const labels = { pool: poolName, objective: "chat", reason: "no_endpoints" };
    const page = await readPage(empty.metricsUrl);
    expect(sampleSum(page, "attain_objective_missed_total", labels)).toBe(3);
    expect(empty.picker.ledger.total).toBe(0);
  });
});
