/** What passes between client and model server: bytes, headers, events in time. */
import { beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { bodyOf } from "../contract/gateway/http-client.ts";
import { pattern } from "../contract/gateway/gateway-contract.ts";
import { deadHostPort, type ScriptedUpstream } from "../contract/gateway/scripted-upstream.ts";
import { call, chatBody, chatChunk, chatDone, newRequestId, openCall, paths } from "./support/calls.ts";
import { startScriptedStack } from "./support/scripted.ts";
import { gatewayKinds, type Stack } from "./support/stack.ts";
import { stopAfterTests } from "./support/started.ts";

const megabyte = 2 ** 20;
const eventStream = { "content-type": "text/event-stream" };

describe.each(gatewayKinds)("through the %s gateway", (kind) => {
  const started = stopAfterTests();
  let stack: Stack;
  let upstream: ScriptedUpstream;

  beforeAll(async () => {
    ({ stack, upstream } = await startScriptedStack(started, kind));
  });
  beforeEach(() => {
    upstream.answer = (_, response) => response.writeHead(200, { "content-type": "application/json" }).end("{}");
    upstream.received.length = 0;
  });

  it("each event of a stream reaches the client before the model server makes the next one", async () => {
    const pieces = [chatChunk("one"), chatChunk("two"), chatChunk("three"), chatDone];
    const giveNext: (() => void)[] = [];
    upstream.answer = (_, response) => {
      response.writeHead(200, eventStream).flushHeaders();
      for (const piece of pieces) {
        giveNext.push(() => (piece === chatDone ? response.end(piece) : response.write(piece)));
      }
    };
    const requestId = newRequestId();
    const { response } = await openCall(stack.baseUrl, {
      requestId,
      path: paths.chat,
      body: chatBody({ stream: true }),
    });
    expect(response.statusCode).toBe(200);
    const chunks = response[Symbol.asyncIterator]();
    const seen: string[] = [];
    for (const give of giveNext) {
      give();
      seen.push(String((await chunks.next()).value));
    }
    expect(seen).toEqual(pieces);
    expect((await chunks.next()).done).toBe(true);
    expect(await stack.verdictOf(requestId)).toMatchObject({ outcome: "completed", verdict: "met", outputTokens: 3 });
  });

  it("a prompt of a megabyte and an answer of a megabyte arrive byte by byte", async () => {
    const answer = pattern(megabyte + 17);
    upstream.answer = (_, response) => response.writeHead(200, { "content-type": "application/json" }).end(answer);
    // Spacing, escapes and numbers that a re-encoding would change.
    const body = `{ "model":"m", "n" : 1.0, "big":9007199254740993, "messages":[{"role":"user","content":"\\u003c${"ä€".repeat(megabyte / 5)}"}] }`;
    const got = await call(stack.baseUrl, { path: paths.chat, body });
    expect(got.status).toBe(200);
    expect(upstream.received[0]?.body.equals(Buffer.from(body))).toBe(true);
    expect(got.body.equals(answer)).toBe(true);
  });

  it("repeated headers of the response are all kept", async () => {
    upstream.answer = (_, response) => response.writeHead(200, { "set-cookie": ["a=1; Path=/", "b=2"] }).end("{}");
    const got = await call(stack.baseUrl, { path: paths.chat, body: chatBody() });
    expect(got.headers["set-cookie"]).toEqual(["a=1; Path=/", "b=2"]);
  });

  it("a client cannot choose its endpoint", async () => {
    const headers = { "x-gateway-destination-endpoint": await deadHostPort() };
    for (const body of [chatBody(), undefined]) {
      const path = body === undefined ? paths.models : paths.chat;
      const got = await call(stack.baseUrl, { path, headers, ...(body === undefined ? {} : { body }) });
      expect(got.status).toBe(200);
    }
    expect(upstream.received.map(({ headers }) => headers["x-gateway-destination-endpoint"])).toEqual([
      upstream.hostPort,
      upstream.hostPort,
    ]);
  });

  it("headers that steer the picker stop at the picker, others go on", async () => {
    const headers = {
      "x-llm-d-inference-fairness-id": "tenant-1",
      "x-llm-d-slo-ttft-ms": "100",
      "x-slo-tpot-ms": "10",
      "x-gateway-destination-endpoint-subset": upstream.hostPort,
      authorization: "Bearer of-the-model-server",
      "x-other": "kept",
    };
    const requestId = newRequestId();
    await call(stack.baseUrl, { requestId, path: paths.chat, body: chatBody(), headers });
    const received = upstream.received[0]?.headers ?? {};
    expect(Object.keys(received).filter((name) => /^x-(llm-d|slo|gateway-inference)|-subset$/.test(name))).toEqual([]);
    expect(received).toMatchObject({
      authorization: headers.authorization,
      "x-other": "kept",
      "x-request-id": requestId,
    });
  });

  it("a client that leaves in mid-stream frees its place and is judged once, on what was seen", async () => {
    const requestId = newRequestId();
    const leftWhole = Promise.withResolvers<boolean>();
    upstream.answer = (_, response) => {
      response.on("close", () => leftWhole.resolve(response.writableFinished));
      response.writeHead(200, eventStream);
      for (const text of ["one", "two", "three"]) response.write(chatChunk(text));
    };
    const { response, abort } = await openCall(stack.baseUrl, {
      requestId,
      path: paths.chat,
      body: chatBody({ stream: true }),
    });
    let seen = "";
    for await (const chunk of response) {
      seen += String(chunk);
      if (seen.includes("three")) break;
    }
    expect(stack.picker.ledger.total).toBe(1);
    abort();
    await stack.idle();
    const record = await stack.verdictOf(requestId);
    expect(record).toMatchObject({ outcome: "client-gone", verdict: "met", outputTokens: 3 });
    expect(record.dimensions).toEqual({ ttft: "met", tpot: "met" });
    expect(await leftWhole.promise).toBe(false);
  });

  it("a client that leaves before its first token is excluded", async () => {
    const requestId = newRequestId();
    upstream.answer = (_, response) => response.writeHead(200, eventStream).flushHeaders();
    const { response, abort } = await openCall(stack.baseUrl, {
      requestId,
      path: paths.chat,
      body: chatBody({ stream: true }),
    });
    const broken = bodyOf(response);
    abort();
    await expect(broken).rejects.toThrow();
    expect(await stack.verdictOf(requestId)).toMatchObject({ outcome: "client-gone", verdict: "excluded" });
    await stack.idle();
  });
});
