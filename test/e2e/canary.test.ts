/**
 * Strings that stand for a prompt, an answer and credentials go through a whole stack at the highest log level. None of
 * them may come out anywhere but at the two ends of the request: not in a log line, a metric, a debug page, a record, a
 * trace, nor in what is said when something throws.
 */
import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { createLogger, systemClock } from "#shell";
import { tracingSettings } from "../../picker/tracing/settings.ts";
import type { OtlpReceiver } from "../support/otlp-receiver.ts";
import { call, chatChunk, chatDone, newRequestId, paths } from "./support/calls.ts";
import { startScriptedStack, type ScriptedStack } from "./support/scripted.ts";
import { startCollector } from "./support/collector.ts";
import { becomes } from "./support/poll.ts";
import { gatewayKinds } from "./support/stack.ts";
import { stopAfterTests } from "./support/started.ts";

const canary = (name: string): string => `canary-${name}-${randomBytes(8).toString("hex")}`;

const secrets = {
  prompt: canary("prompt"),
  system: canary("system"),
  model: canary("model"),
  salt: canary("salt"),
  answer: canary("answer"),
  errorBody: canary("error-body"),
  authorization: canary("authorization"),
  proxyAuthorization: canary("proxy-authorization"),
  cookie: canary("cookie"),
  apiKey: canary("api-key"),
  setCookie: canary("set-cookie"),
  responseHeader: canary("response-header"),
  query: canary("query"),
  password: canary("password"),
} as const;

const headers = {
  authorization: `Bearer ${secrets.authorization}`,
  "proxy-authorization": `Basic ${secrets.proxyAuthorization}`,
  cookie: `session=${secrets.cookie}`,
  "x-api-key": secrets.apiKey,
  "api-key": secrets.apiKey,
  "x-password": secrets.password,
};

const body = (more: object = {}): object => ({
  model: secrets.model,
  stream: true,
  cache_salt: secrets.salt,
  messages: [
    { role: "system", content: secrets.system },
    { role: "user", content: secrets.prompt },
  ],
  ...more,
});

/** What is said by a picker that breaks in the middle of a request. */
const breakage = "this was thrown on purpose";
/** More looks at the clock than a request takes: at each of them a request is broken off. */
const mostLooks = 12;

function tracing() {
  const env = { OTEL_TRACES_SAMPLER: "always_on", OTEL_BSP_SCHEDULE_DELAY: "20" };
  const result = tracingSettings(env, { propagation: "inject", own: {} });
  if (result.kind !== "on") throw new Error(JSON.stringify(result));
  return result.settings;
}

describe.each(gatewayKinds)("behind the %s gateway", (kind) => {
  const started = stopAfterTests();
  const lines: string[] = [];
  let looksLeft = Infinity;
  let scripted: ScriptedStack;
  let collector: OtlpReceiver;

  const ask = async (path: string): Promise<string> => {
    const { picker } = scripted.stack;
    return (await fetch(`http://127.0.0.1:${picker.metricsPort}${path}`)).text();
  };

  beforeAll(async () => {
    collector = await startCollector(started);
    const write = (line: string): number => lines.push(line);
    scripted = await startScriptedStack(started, kind, {
      log: createLogger({ level: "trace", base: {}, format: "json", destination: { write } }),
      clock: {
        ...systemClock,
        nowMs: () => {
          if (--looksLeft < 0) throw new Error(breakage);
          return systemClock.nowMs();
        },
      },
      compatMetrics: true,
      tracing: tracing(),
    });
    const { stack, upstream } = scripted;
    upstream.answer = (request, response) => {
      const status = Number(/status=(\d+)/.exec(request.url ?? "")?.[1] ?? 200);
      const type = status === 200 ? "text/event-stream" : "application/json";
      response.writeHead(status, {
        "content-type": type,
        "set-cookie": `session=${secrets.setCookie}`,
        "x-internal": secrets.responseHeader,
      });
      response.end(
        status === 200
          ? chatChunk(secrets.answer) + chatDone
          : JSON.stringify({ error: { message: secrets.errorBody } }),
      );
    };
    const path = `${paths.chat}?key=${secrets.query}`;
    await call(stack.baseUrl, { path, headers, body: body() });
    await call(stack.baseUrl, { path: `${path}&status=500`, headers, body: body() });
    await call(stack.baseUrl, { path: `${path}&status=404`, headers, body: body() });
    // Bodies that are refused, since their refusals have something to say about them.
    await call(stack.baseUrl, { path, headers, body: `{"model": "${secrets.model}", "messages": [${secrets.prompt}` });
    await call(stack.baseUrl, { path, headers, body: body({ messages: secrets.prompt }) });
    await call(stack.baseUrl, { path, headers, body: body({ model: undefined }) });
    await call(stack.baseUrl, { path: `/v1/files/${secrets.query}`, headers, body: secrets.prompt });
    await stack.idle();
    for (let looks = 0; looks < mostLooks; looks++) {
      looksLeft = looks;
      await call(stack.baseUrl, { path, headers, body: body() }).catch(() => undefined);
      looksLeft = Infinity;
      await becomes("the broken stream is gone", () => stack.picker.openStreams === 0);
    }
    await call(stack.baseUrl, { requestId: "the-last-one", path, headers, body: body() });
  });

  const found = (text: string): readonly string[] =>
    Object.entries(secrets)
      .filter(([, secret]) => text.includes(secret))
      .map(([name]) => name);

  it("the secrets reached the model server, and the answers the client", async () => {
    const { upstream, stack } = scripted;
    const [first] = upstream.received;
    for (const secret of [secrets.prompt, secrets.model]) expect(first!.body.toString()).toContain(secret);
    expect(first!.headers.authorization).toContain(secrets.authorization);
    const got = await call(stack.baseUrl, { path: paths.chat, headers, body: body() });
    expect(got.body.toString()).toContain(secrets.answer);
  });

  it("no log line of the picker has them, not even that of a handler that threw", () => {
    const text = lines.join("");
    expect(text.split(breakage).length).toBeGreaterThan(5);
    expect(found(text)).toEqual([]);
  });

  it.each(["/metrics", "/debug/state", "/debug/requests?limit=5000", `/debug/requests?id=${newRequestId()}`])(
    "%s has none of them",
    async (path) => {
      const text = await ask(path);
      expect(text.length).toBeGreaterThan(20);
      expect(found(text)).toEqual([]);
    },
  );

  it("the page of OpenMetrics has none of them", async () => {
    const { picker } = scripted.stack;
    const response = await fetch(`http://127.0.0.1:${picker.metricsPort}/metrics`, {
      headers: { accept: "application/openmetrics-text; version=1.0.0" },
    });
    expect(found(await response.text())).toEqual([]);
  });

  it("the traces have none of them but the model, which has an attribute of its own", async () => {
    const last = (): boolean =>
      collector.spans.some(({ attributes }) => attributes["attain.request.id"] === "the-last-one");
    await becomes("the last trace is exported", last);
    expect(found(JSON.stringify(collector.spans))).toEqual(["model"]);
  });

  it("the records in memory hold none of them", () => {
    const { decisions } = scripted.stack.picker;
    const kept = decisions.find({}, 5000);
    expect(kept.length).toBeGreaterThanOrEqual(7);
    expect(found(JSON.stringify(kept))).toEqual([]);
  });
});
