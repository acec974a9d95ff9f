/** The field's names on the page that Prometheus scrapes. */
import { beforeAll, describe, expect, it } from "@jest/globals";
import { renderText } from "#metrics";
import { readOpenMetrics } from "../support/openmetrics-reader.ts";
import { call, chatBody, chatChunk, chatDone, newRequestId, paths } from "./support/calls.ts";
import { readPage, sampleSum } from "./support/exposition.ts";
import { startScriptedStack, type ScriptedStack } from "./support/scripted.ts";
import { stopAfterTests } from "./support/started.ts";

describe("compat metrics", () => {
  const started = stopAfterTests();
  let with_: ScriptedStack;
  let without: ScriptedStack;

  beforeAll(async () => {
    with_ = await startScriptedStack(started, "embedded", { compatMetrics: true });
    without = await startScriptedStack(started, "embedded");
  });

  it("count the same requests as our own names, on one page, in both formats", async () => {
    const { stack, upstream } = with_;
    upstream.answer = (_, response) =>
      void response
        .writeHead(200, { "content-type": "text/event-stream" })
        .end(chatChunk("a") + chatChunk("b") + chatDone);
    for (let i = 0; i < 3; i++) {
      const requestId = newRequestId();
      await call(stack.baseUrl, { requestId, path: paths.chat, body: chatBody({ stream: true }) });
      await stack.verdictOf(requestId);
    }
    await call(stack.baseUrl, { path: paths.chat, body: "not json" });
    await stack.idle();
    const page = await readPage(stack.metricsUrl);
    expect(sampleSum(page, "llm_d_epp_request_total", {})).toBe(3);
    expect(sampleSum(page, "llm_d_epp_request_ttft_seconds_count", { streaming: "true" })).toBe(3);
    expect(sampleSum(page, "llm_d_epp_request_error_total", { error_code: "BadRequest" })).toBe(1);
    expect(sampleSum(page, "llm_d_epp_request_running", {})).toBe(0);
    expect(sampleSum(page, "llm_d_epp_flow_control_requests_total", { outcome: "Dispatched" })).toBe(3);
    expect(sampleSum(page, "llm_d_epp_flow_control_requests_total", {})).toBe(3);
    expect(sampleSum(page, "llm_d_epp_flow_control_queue_size", { priority: "0" })).toBe(0);
    expect(sampleSum(page, "attain_request_ttft_seconds_count", {})).toBe(3);
    const families = readOpenMetrics(await readPage(stack.metricsUrl, "application/openmetrics-text"));
    expect(families.filter(({ name }) => name.startsWith("llm_d_epp_")).length).toBeGreaterThan(10);
  });

  it("are not there unless they are asked for", () => {
    expect(renderText(without.stack.picker.registry)).not.toContain("llm_d_epp_");
  });
});
