import { describe, expect, it } from "@jest/globals";
import { MetricRegistry, renderOpenMetrics } from "#metrics";
import type { RequestEnd } from "../../../../picker/attainment/outcome.ts";
import { AttainmentRecorder } from "../../../../picker/attainment/recorder.ts";
import { DecisionLog } from "../../../../picker/decision/decision-log.ts";
import { RequestTracer } from "../../../../picker/tracing/request-tracer.ts";
import { arrivalOf, exampleTable, headersOf, readerWith, routeTo } from "../../../support/attainment.ts";
import { readOpenMetrics } from "../../../support/openmetrics-reader.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";

/** Runs one streamed request of `chat` and gives the exemplars that it left. */
function exemplarsOf(request: {
  sampled: boolean;
  hasRoom?: boolean;
  reader?: Parameters<typeof readerWith>[0];
  end?: Partial<RequestEnd>;
}) {
  const registry = new MetricRegistry();
  const tracer = new RequestTracer({
    sampling: { parentBased: true, ratio: 0 },
    propagation: "inject",
    pool: "pool",
    random: () => 0.5,
    wallOffsetMs: () => 1_000_000,
    keep: () => request.hasRoom ?? true,
  });
  const recorder = new AttainmentRecorder({
    registry,
    pool: "pool",
    log: new DecisionLog(10),
    isKnownModel: () => true,
    tracer,
  });
  recorder.useObjectives(exampleTable);
  const reader = readerWith({ firstTokenAtMs: 1200, lastTokenAtMs: 1500, tokenEvents: 11, ...request.reader });
  const headers = headersOf({ traceparent: `00-${traceId}-00f067aa0ba902b7-0${request.sampled ? 1 : 0}` });
  const record = recorder.arrived({ ...arrivalOf("chat", 1000), headers });
  recorder.dispatched(record, routeTo("a", "llama", 1012));
  if (reader.firstTokenAtMs !== undefined) recorder.firstToken(record, reader.firstTokenAtMs);
  recorder.finished(record, {
    ending: "responded",
    refusal: undefined,
    responseStatus: 200,
    reader,
    endedAtMs: 1600,
    ...request.end,
  });
  return readOpenMetrics(renderOpenMetrics(registry)).flatMap(({ name, samples }) =>
    samples.flatMap(({ exemplar }) => (exemplar === undefined ? [] : [{ name, ...exemplar }])),
  );
}

describe("exemplars of requests", () => {
  it("are on TTFT and TPOT of a kept trace, at the instants at which those were settled", () => {
    expect(exemplarsOf({ sampled: true })).toEqual([
      { name: "attain_request_tpot_seconds", labels: { trace_id: traceId }, value: 0.03, timestamp: 1001.6 },
      { name: "attain_request_ttft_seconds", labels: { trace_id: traceId }, value: 0.2, timestamp: 1001.2 },
    ]);
  });

  it("are on a miss that nobody sampled", () => {
    const found = exemplarsOf({
      sampled: false,
      reader: { firstTokenAtMs: 1550, lastTokenAtMs: 1550, tokenEvents: 1 },
    });
    expect(found).toEqual([
      { name: "attain_request_ttft_seconds", labels: { trace_id: traceId }, value: 0.55, timestamp: 1001.55 },
    ]);
  });

  it.each([
    { name: "nobody sampled and that met its objective", request: { sampled: false } },
    { name: "there was no room for", request: { sampled: true, hasRoom: false } },
    {
      name: "was not streamed",
      request: {
        sampled: true,
        reader: { streamed: false, firstTokenAtMs: undefined, lastTokenAtMs: undefined, tokenEvents: 0 },
      },
    },
  ])("are not on a request that $name", ({ request }) => {
    expect(exemplarsOf(request)).toEqual([]);
  });

  it("are on TTFT alone where the response broke off: its TPOT was not observed", () => {
    expect(exemplarsOf({ sampled: true, reader: { complete: false } }).map(({ name }) => name)).toEqual([
      "attain_request_ttft_seconds",
    ]);
  });
});
