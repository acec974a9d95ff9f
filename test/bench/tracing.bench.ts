import { copyHeaders, decodeProcessingRequest, encodeProcessingRequest, type HeaderView } from "#extproc";
import { MetricRegistry } from "#metrics";
import { seededRandom } from "#random";
import { AttainmentRecorder } from "../../picker/attainment/recorder.ts";
import { DecisionLog } from "../../picker/decision/decision-log.ts";
import { RouteReplies } from "../../picker/extproc/replies.ts";
import type { TracePropagation } from "../../picker/tracing/request-trace.ts";
import { RequestTracer } from "../../picker/tracing/request-tracer.ts";
import { arrivalOf, exampleTable, routeTo, streamedEnd } from "../support/attainment.ts";
import type { Bench, BenchCase } from "./compare.ts";

const unsampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
const sampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/** Headers as Envoy sends them. */
function received(traceparent: string | undefined): HeaderView {
  const lines: (readonly [string, string])[] = [
    [":method", "POST"],
    [":authority", "gateway.example"],
    [":path", "/v1/chat/completions"],
    [":scheme", "http"],
    ["user-agent", "OpenAI/Python 3.57.0"],
    ["content-type", "application/json"],
    ["authorization", "Bearer sk-0123456789abcdef0123456789abcdef"],
    ["x-llm-d-inference-objective", "chat"],
    ["x-request-id", "6f9619ff-8b86-d011-b42d-00c04fc964ff"],
    ["x-forwarded-proto", "http"],
    ["x-envoy-internal", "true"],
    ...(traceparent === undefined ? [] : [["traceparent", traceparent] as const]),
  ];
  const message = decodeProcessingRequest(
    encodeProcessingRequest({ kind: "headers", direction: "request", headers: lines, endOfStream: false }),
  );
  if (message.kind !== "headers") throw new Error(message.kind);
  return copyHeaders(message.headers);
}

/** What tracing touches of one request: begin, route reply, verdict and counts, end. */
function path(propagation: TracePropagation | "off", traceparent: string | undefined): () => unknown {
  const random = seededRandom(1);
  let keptSpans = 0;
  const tracer =
    propagation === "off"
      ? undefined
      : new RequestTracer({
          sampling: { parentBased: true, ratio: 0 },
          propagation,
          pool: "pool",
          random,
          wallOffsetMs: () => 1_700_000_000_000,
          keep: (spans) => (keptSpans += spans.length) > 0,
        });
  const registry = new MetricRegistry();
  const recorder = new AttainmentRecorder({
    registry,
    pool: "pool",
    log: new DecisionLog(1000),
    isKnownModel: () => true,
    tracer,
  });
  recorder.useObjectives(exampleTable);
  const replies = new RouteReplies({ stripsControlHeaders: true });
  const arrival = { ...arrivalOf("chat"), headers: received(traceparent) };
  const route = routeTo("a", "llama", 1);
  return () => {
    const record = recorder.arrived(arrival);
    const reply = replies.of(route, "headers", record.trace?.outgoing);
    recorder.dispatched(record, route);
    recorder.firstToken(record, 120);
    const { verdict } = recorder.finished(record, streamedEnd);
    return reply.length + verdict.length + keptSpans;
  };
}

const against = (name: string, propagation: TracePropagation, traceparent: string | undefined): BenchCase => ({
  name,
  baseline: path("off", traceparent),
  candidate: path(propagation, traceparent),
  baselineName: "tracing off",
});

export const bench: Bench = {
  name: "tracing on the request path (headers, route reply, verdict, counts, decision record)",
  cases: () => [
    against("not sampled, passthrough", "passthrough", undefined),
    against("not sampled by the caller, passthrough", "passthrough", unsampled),
    against("not sampled by the caller, inject", "inject", unsampled),
    against("not sampled, inject: new ids for the model server", "inject", undefined),
    against("sampled, inject: three spans as data, two exemplars", "inject", sampled),
  ],
};
