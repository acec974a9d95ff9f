import { describe, expect, it } from "@jest/globals";
import type { SpanData } from "../../../../picker/tracing/span.ts";
import { spansOf } from "../../../../picker/tracing/spans.ts";
import type { EndedRequest } from "../../../../picker/tracing/attributes.ts";
import { readerWith } from "../../../support/attainment.ts";
import { endedRequest, refusedRequest } from "../../../support/ended-request.ts";

const ids = { traceId: "a".repeat(32), spanId: "b".repeat(16) };

function spans(ended: EndedRequest, parent?: { sampled: boolean }): readonly SpanData[] {
  let next = 0;
  return spansOf(ended, {
    ids,
    parent: parent && { traceId: ids.traceId, spanId: "c".repeat(16), random: false, ...parent },
    pool: "pool",
    keptBy: "ratio",
    wallOffsetMs: 1_000_000,
    newSpanId: () => `${++next}`.padStart(16, "0"),
  });
}
const names = (found: readonly SpanData[]): readonly string[] => found.map(({ name }) => name);

describe("spansOf", () => {
  it("nests the decision in the admission and that in the request, at wall-clock times", () => {
    const [request, admission, schedule, ...more] = spans(endedRequest());
    expect(more).toEqual([]);
    expect(request).toMatchObject({
      ...ids,
      name: "gateway.request",
      kind: "server",
      startMs: 1_001_000,
      endMs: 1_001_600,
    });
    expect(admission).toMatchObject({ name: "epp.admission", kind: "internal", startMs: 1_001_000, endMs: 1_001_012 });
    expect(schedule).toMatchObject({ name: "epp.schedule", kind: "internal", startMs: 1_001_010, endMs: 1_001_012 });
    expect([request, admission, schedule].map((span) => span?.parentSpanId)).toEqual([
      undefined,
      request?.spanId,
      admission?.spanId,
    ]);
    expect(new Set([request, admission, schedule].map((span) => span?.spanId)).size).toBe(3);
  });

  it("hangs under the caller's span, with the caller's state on every span", () => {
    const found = spans(endedRequest({ headers: { tracestate: "vendor=1" } }), { sampled: true });
    expect(found[0]).toMatchObject({ parentSpanId: "c".repeat(16), parentIsRemote: true });
    expect(found.map(({ traceState }) => traceState)).toEqual(["vendor=1", "vendor=1", "vendor=1"]);
    expect(found.slice(1).map(({ parentIsRemote }) => parentIsRemote)).toEqual([false, false]);
  });

  it.each([
    { name: "there is no parent", parent: undefined, tracestate: "vendor=1" },
    { name: "it is too long", parent: { sampled: true }, tracestate: `vendor=${"x".repeat(512)}` },
    { name: "it is empty", parent: { sampled: true }, tracestate: "" },
  ])("leaves a state out where $name", ({ parent, tracestate }) => {
    expect(spans(endedRequest({ headers: { tracestate } }), parent)[0]?.traceState).toBeUndefined();
  });

  it("marks the first and the last token", () => {
    expect(spans(endedRequest())[0]?.events).toEqual([
      { name: "first_token", atMs: 1_001_200, attributes: {} },
      { name: "last_token", atMs: 1_001_500, attributes: { "attain.token_events": 11 } },
    ]);
    expect(spans(endedRequest({ end: { reader: readerWith({ streamed: false }) } }))[0]?.events).toEqual([]);
  });

  it("says what was asked, promised and measured", () => {
    expect(spans(endedRequest())[0]?.attributes).toEqual({
      "http.request.method": "POST",
      "http.response.status_code": 200,
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": "llama",
      "gen_ai.usage.input_tokens": 300,
      "gen_ai.usage.output_tokens": 11,
      "gen_ai.usage.cache_read.input_tokens": 256,
      "attain.pool": "pool",
      "attain.request.id": "request-1",
      "attain.api": "openai-chat",
      "attain.objective.name": "chat",
      "attain.objective.priority": 2,
      "attain.objective.target_ratio": 0.99,
      "attain.threshold.ttft_seconds": 0.5,
      "attain.threshold.tpot_seconds": 0.05,
      "attain.objective.verdict": "met",
      "attain.dimension.ttft": "met",
      "attain.dimension.tpot": "met",
      "attain.outcome": "completed",
      "attain.queue_seconds": 0.012,
      "attain.ttft_seconds": 0.2,
      "attain.tpot_seconds": 0.03,
      "attain.output_tokens": 11,
      "attain.response.streamed": true,
      "attain.kept_by": "ratio",
    });
  });

  it.each([
    {
      name: "a missed target is no error",
      ended: endedRequest({
        end: { endedAtMs: 9000, reader: readerWith({ firstTokenAtMs: 5000, lastTokenAtMs: 5000, tokenEvents: 1 }) },
      }),
      error: undefined,
    },
    { name: "a server error", ended: endedRequest({ end: { responseStatus: 503, reader: undefined } }), error: "503" },
    {
      name: "a stream that was cut off",
      ended: endedRequest({ end: { reader: readerWith({ complete: false }) } }),
      error: "upstream_error",
    },
    { name: "the client's mistake is no error", ended: refusedRequest("invalid", 400), error: undefined },
    { name: "a refusal", ended: refusedRequest("no_endpoints", 503), error: "no_endpoints" },
  ])("$name: error $error", ({ ended, error }) => {
    const [request] = spans(ended);
    expect(request?.error).toBe(error);
    expect(request?.attributes["error.type"]).toBe(error);
  });

  it("ends with the refusal, whose status is the response's", () => {
    const found = spans(refusedRequest("shutting_down", 503));
    expect(names(found)).toEqual(["gateway.request", "epp.admission"]);
    expect(found[0]?.attributes).toMatchObject({
      "http.response.status_code": 503,
      "attain.refusal.reason": "shutting_down",
    });
    expect(found[1]).toMatchObject({
      endMs: 1_001_600,
      error: "shutting_down",
      attributes: { "attain.admission": "refused" },
    });
  });

  it("has no decision where the client left before one was due", () => {
    const left = endedRequest({
      record: { route: undefined },
      end: { ending: "client-gone", responseStatus: 0, reader: undefined },
    });
    expect(names(spans(left))).toEqual(["gateway.request"]);
  });

  it.each([
    { name: "a method of its own", part: { method: "SECRET" }, attribute: "http.request.method", want: "_OTHER" },
    {
      name: "an API that is not read",
      part: { api: "pass-through" as const },
      attribute: "gen_ai.operation.name",
      want: undefined,
    },
    { name: "a long id", part: { id: "x".repeat(1000) }, attribute: "attain.request.id", want: "x".repeat(128) },
  ])("bounds what the client chooses: $name", ({ part, attribute, want }) => {
    const ended = endedRequest();
    const arrival = { ...ended.record.arrival, ...part };
    expect(spans({ ...ended, record: { ...ended.record, arrival } })[0]?.attributes[attribute]).toBe(want);
  });

  it("carries neither path nor header", () => {
    const canary = "canary-77";
    const ended = endedRequest({
      headers: { authorization: canary, cookie: canary, baggage: canary, tracestate: canary },
    });
    const arrival = { ...ended.record.arrival, path: `/${canary}/v1/chat/completions?key=${canary}` };
    expect(JSON.stringify(spans({ ...ended, record: { ...ended.record, arrival } }))).not.toContain(canary);
  });
});
