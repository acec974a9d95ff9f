/** Traces as a collector gets them, and what the model server is told of them. */
import { beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { ObjectiveTable } from "#objective";
import type { ScriptedUpstream } from "../contract/gateway/scripted-upstream.ts";
import type { TracingSettings } from "../../picker/tracing/settings.ts";
import { tracingSettings } from "../../picker/tracing/settings.ts";
import type { OtlpReceiver, ReceivedSpan } from "../support/otlp-receiver.ts";
import { call, chatBody, chatChunk, chatDone, newRequestId, paths } from "./support/calls.ts";
import { readPage, sampleSum } from "./support/exposition.ts";
import { startCollector } from "./support/collector.ts";
import { becomes, eventually } from "./support/poll.ts";
import { startScriptedStack } from "./support/scripted.ts";
import { gatewayKinds, generous, objective, type Stack } from "./support/stack.ts";
import { stopAfterTests } from "./support/started.ts";

const eventStream = { "content-type": "text/event-stream" };
const usage = `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 5 } } })}\n\n`;
const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const callersSpan = "00f067aa0ba902b7";
const sampled = `00-${traceId}-${callersSpan}-01`;
const unsampled = `00-${traceId}-${callersSpan}-00`;

/** Nothing is sampled but what the caller samples. */
function settings(): TracingSettings {
  const env = { OTEL_TRACES_SAMPLER_ARG: "0", OTEL_BSP_SCHEDULE_DELAY: "20", OTEL_SERVICE_NAME: "picker-under-test" };
  const result = tracingSettings(env, { propagation: "inject", own: { "service.version": "1" } });
  if (result.kind !== "on") throw new Error(JSON.stringify(result));
  return result.settings;
}

describe.each(gatewayKinds)("traces through the %s gateway", (kind) => {
  const started = stopAfterTests();
  let stack: Stack;
  let upstream: ScriptedUpstream;
  let collector: OtlpReceiver;

  beforeAll(async () => {
    collector = await startCollector(started);
    const table = new ObjectiveTable([objective("chat", generous, 2), objective("impossible", { ttftMs: 0.000001 })]);
    ({ stack, upstream } = await startScriptedStack(started, kind, {
      objectives: { kind: "table", table },
      tracing: settings(),
    }));
  });
  beforeEach(() => {
    collector.spans.length = 0;
    collector.status = 200;
    upstream.received.length = 0;
    upstream.answer = (_, response) =>
      void response
        .writeHead(200, eventStream)
        .end(chatChunk("one") + chatChunk("two") + chatChunk("three") + usage + chatDone);
  });

  const ask = async (headers: Readonly<Record<string, string>>, body = chatBody({ stream: true })) => {
    const requestId = newRequestId();
    const got = await call(stack.baseUrl, { requestId, path: paths.chat, body, headers });
    const decision = await stack.verdictOf(requestId);
    return { requestId, got, decision };
  };
  const traceOf = (requestId: string): Promise<readonly ReceivedSpan[]> =>
    eventually(`a trace of request ${requestId}`, () => {
      const root = collector.spans.find(({ attributes }) => attributes["attain.request.id"] === requestId);
      return root && collector.spans.filter((span) => span.traceId === root.traceId);
    });
  const count = async (result: string): Promise<number> =>
    sampleSum(await readPage(stack.metricsUrl), "attain_picker_trace_spans_total", { result }) ?? 0;

  it("a sampled request is a tree under the caller's span, and the model server hangs under ours", async () => {
    const context = { traceparent: sampled, tracestate: "vendor=1,other=x:y", baggage: "tenant=gold" };
    const { requestId } = await ask(context);
    const spans = await traceOf(requestId);
    const [request, admission, schedule] = ["gateway.request", "epp.admission", "epp.schedule"].map((name) =>
      spans.find((span) => span.name === name)!,
    );
    expect(spans).toHaveLength(3);
    expect(request).toMatchObject({ traceId, parentSpanId: callersSpan, kind: "SPAN_KIND_SERVER" });
    expect(request!.traceState).toBe(context.tracestate);
    expect(admission).toMatchObject({ traceId, parentSpanId: request!.spanId, kind: "SPAN_KIND_INTERNAL" });
    expect(schedule).toMatchObject({ traceId, parentSpanId: admission!.spanId, kind: "SPAN_KIND_INTERNAL" });
    expect(request!.startTimeUnixNano).toBe(admission!.startTimeUnixNano);
    expect(schedule!.startTimeUnixNano).toBeGreaterThanOrEqual(admission!.startTimeUnixNano);
    expect(schedule!.endTimeUnixNano).toBe(admission!.endTimeUnixNano);
    expect(request!.endTimeUnixNano).toBeGreaterThanOrEqual(schedule!.endTimeUnixNano);
    expect(Math.abs(request!.endTimeUnixNano - Date.now())).toBeLessThan(60_000);
    expect(request!.events.map(({ name }) => name)).toEqual(["first_token", "last_token"]);
    const { headers } = upstream.received[0]!;
    expect(headers["traceparent"]).toBe(`00-${traceId}-${request!.spanId}-01`);
    expect(headers).toMatchObject({ tracestate: context.tracestate, baggage: context.baggage });
  });

  it("spans say what the objective was, how it was met, and what the model did", async () => {
    const { requestId, decision } = await ask({ traceparent: sampled });
    const spans = await traceOf(requestId);
    const request = spans.find(({ name }) => name === "gateway.request")!;
    expect(request.attributes).toMatchObject({
      "http.request.method": "POST",
      "http.response.status_code": 200,
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": "attain-demo",
      "gen_ai.usage.input_tokens": 7,
      "gen_ai.usage.output_tokens": 3,
      "gen_ai.usage.cache_read.input_tokens": 5,
      "attain.objective.name": "chat",
      "attain.objective.priority": 2,
      "attain.threshold.ttft_seconds": 60,
      "attain.objective.verdict": "met",
      "attain.dimension.ttft": "met",
      "attain.outcome": "completed",
      "attain.kept_by": "parent",
      "attain.ttft_seconds": decision.ttftSeconds,
    });
    expect(spans.find(({ name }) => name === "epp.schedule")!.attributes).toMatchObject({
      "attain.endpoint.id": "default/m0",
      "server.address": "127.0.0.1",
    });
    expect(request.status?.code ?? "STATUS_CODE_UNSET").toBe("STATUS_CODE_UNSET");
    const resource = collector.resources.at(-1)!;
    expect(resource).toMatchObject({ "service.name": "picker-under-test", "service.version": "1" });
    // Nothing that the SDK finds out by itself, such as the command line.
    expect(Object.keys(resource).filter((name) => !/^(service|telemetry)\./.test(name))).toEqual([]);
  });

  it.each([
    { name: "no context", headers: {}, keeps: /^[0-9a-f]{32}$/ },
    { name: "the caller's context, not sampled", headers: { traceparent: unsampled }, keeps: new RegExp(traceId) },
  ])("a missed request is kept though nobody sampled it: $name", async ({ headers, keeps }) => {
    const { requestId } = await ask({ ...headers, "x-llm-d-inference-objective": "impossible" });
    const spans = await traceOf(requestId);
    expect(spans[0]!.traceId).toMatch(keeps);
    expect(spans.find(({ name }) => name === "gateway.request")!.attributes).toMatchObject({
      "attain.objective.verdict": "missed",
      "attain.objective.missed_reason": "ttft",
      "attain.kept_by": "outcome",
    });
    // The model server was told of the same trace, and that nobody sampled it.
    const told = upstream.received[0]!.headers["traceparent"] as string;
    expect(told).toMatch(new RegExp(`^00-${spans[0]!.traceId}-[0-9a-f]{16}-00$`));
  });

  it("a failed response is kept, with an error", async () => {
    upstream.answer = (_, response) => response.writeHead(500).end("broken");
    const { requestId } = await ask({});
    const request = (await traceOf(requestId)).find(({ name }) => name === "gateway.request")!;
    expect(request).toMatchObject({ status: { code: "STATUS_CODE_ERROR", message: "500" } });
    expect(request.attributes).toMatchObject({ "error.type": "500", "attain.outcome": "upstream-error" });
  });

  it("a request that met its objective and was not sampled leaves no span", async () => {
    const quiet = await ask({ tracestate: "orphan=1" });
    const loud = await ask({ "x-llm-d-inference-objective": "impossible" });
    await traceOf(loud.requestId);
    expect(collector.spans.some(({ attributes }) => attributes["attain.request.id"] === quiet.requestId)).toBe(false);
    const { headers } = upstream.received[0]!;
    expect(headers["traceparent"]).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    // A state without a parent belongs to nobody.
    expect(headers["tracestate"]).toBeUndefined();
  });

  it("neither bodies nor credentials leave in a span", async () => {
    const canary = "canary-3b1f";
    upstream.answer = (_, response) =>
      void response.writeHead(200, { ...eventStream, "set-cookie": canary }).end(chatChunk(canary) + chatDone);
    const body = chatBody({ stream: true, user: canary, messages: [{ role: "user", content: canary }] });
    const headers = { authorization: `Bearer ${canary}`, cookie: canary, "x-api-key": canary, baggage: `k=${canary}` };
    const { requestId } = await ask({ traceparent: sampled, ...headers }, body);
    await traceOf(requestId);
    expect(collector.text()).toContain(requestId);
    expect(collector.text()).not.toContain(canary);
  });

  it("a histogram's bucket leads to the trace of its newest kept request, under OpenMetrics only", async () => {
    const newest = "a".repeat(32);
    const { requestId } = await ask({ traceparent: `00-${newest}-${callersSpan}-01` });
    await traceOf(requestId);
    const page = await readPage(stack.metricsUrl, "application/openmetrics-text");
    const lines = page.split("\n").filter((line) => line.includes(`# {trace_id="${newest}"}`));
    expect(lines.map((line) => line.split("{", 1)[0])).toEqual([
      "attain_request_tpot_seconds_bucket",
      "attain_request_ttft_seconds_bucket",
    ]);
    expect(await readPage(stack.metricsUrl)).not.toContain("trace_id");
  });

  it("a collector that refuses costs spans, which are counted, and no request", async () => {
    const exported = await count("exported");
    expect(exported).toBeGreaterThan(0);
    collector.status = 400;
    const { got } = await ask({ traceparent: sampled });
    expect(got.status).toBe(200);
    await becomes("3 spans that were not exported", async () => (await count("export_failed")) === 3);
    collector.status = 200;
    const { requestId } = await ask({ traceparent: sampled });
    await traceOf(requestId);
    await becomes("3 more spans that were", async () => (await count("exported")) === exported + 3);
  });
});
