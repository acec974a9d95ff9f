/** Span data → OpenTelemetry spans → OTLP. The only file that knows the SDK, which is loaded when this is called and never before. */
import type * as OpenTelemetry from "@opentelemetry/api";
import type { Context, HrTime, Tracer } from "@opentelemetry/api";
import type { NodeSDKConfiguration } from "@opentelemetry/sdk-node";
import type { Milliseconds } from "#units";
import type { SpanData } from "../tracing/span.ts";

type SpanProcessor = NonNullable<NodeSDKConfiguration["spanProcessors"]>[number];
type FinishedSpan = Parameters<SpanProcessor["onEnd"]>[0];
type Sampler = NodeSDKConfiguration["sampler"];
type Api = typeof OpenTelemetry;

export interface TracingSdk {
  /** Rejects where the collector did not take the spans within OTEL_EXPORTER_OTLP_TIMEOUT, retries included. */
  send(spans: readonly SpanData[]): Promise<void>;
  shutdown(): Promise<void>;
}

// The enum belongs to a package that sdk-node does not hand out: SamplingDecision.RECORD_AND_SAMPLED.
// oxlint-disable-next-line typescript/no-unsafe-enum-assignment
const recordAndSampled = 2 as ReturnType<Sampler["shouldSample"]>["decision"];

/** The SDK takes a number for milliseconds of one clock or another by its size; a pair is unambiguous. */
function hrTime(ms: Milliseconds): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}

/** Gives each span the ids that its data already has. */
class GivenIds {
  next: Pick<SpanData, "traceId" | "spanId"> = { traceId: "", spanId: "" };
  generateTraceId(): string {
    return this.next.traceId;
  }
  generateSpanId(): string {
    return this.next.spanId;
  }
}

function parentOf(api: Api, { traceId, parentSpanId, parentIsRemote, traceState }: SpanData): Context {
  if (parentSpanId === undefined) return api.ROOT_CONTEXT;
  return api.trace.setSpanContext(api.ROOT_CONTEXT, {
    traceId,
    spanId: parentSpanId,
    isRemote: parentIsRemote,
    traceFlags: api.TraceFlags.SAMPLED,
    ...(traceState === undefined ? {} : { traceState: api.createTraceState(traceState) }),
  });
}

function make(api: Api, tracer: Tracer, data: SpanData): void {
  const kind = data.kind === "server" ? api.SpanKind.SERVER : api.SpanKind.INTERNAL;
  const options = { kind, startTime: hrTime(data.startMs), attributes: data.attributes };
  const span = tracer.startSpan(data.name, options, parentOf(api, data));
  for (const { name, atMs, attributes } of data.events) span.addEvent(name, attributes, hrTime(atMs));
  if (data.error !== undefined) {
    span.setStatus({ code: api.SpanStatusCode.ERROR, message: data.error });
  }
  span.end(hrTime(data.endMs));
}

/** What a process says of itself comes from us alone: the SDK's own detectors would export the whole command line. */
const resourceOf = (attributes: Readonly<Record<string, string>>) => ({
  detect: () => ({ attributes: { ...attributes } }),
});

/**
 * Loads and starts the SDK. One a process at a time: the SDK keeps its tracer provider in a global.
 * The exporter reads OTEL_EXPORTER_OTLP_ENDPOINT, _HEADERS, _TIMEOUT, _COMPRESSION, _CERTIFICATE and their _TRACES_ forms.
 */
export async function loadTracingSdk(resource: Readonly<Record<string, string>>, version: string): Promise<TracingSdk> {
  const [{ NodeSDK }, { OTLPTraceExporter }, api] = await Promise.all([
    import("@opentelemetry/sdk-node"),
    import("@opentelemetry/exporter-trace-otlp-proto"),
    import("@opentelemetry/api"),
  ]);
  const ids = new GivenIds();
  const exporter = new OTLPTraceExporter();
  let finished: FinishedSpan[] = [];
  const collecting: SpanProcessor = {
    onStart: () => {},
    onEnd: (span) => void finished.push(span),
    forceFlush: () => Promise.resolve(),
    shutdown: () => exporter.shutdown(),
  };
  const sdk = new NodeSDK({
    idGenerator: ids,
    sampler: {
      shouldSample: () => ({ decision: recordAndSampled }),
      toString: () => "decided before",
    },
    spanProcessors: [collecting],
    resourceDetectors: [resourceOf(resource)],
    textMapPropagator: null,
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [],
  });
  sdk.start();
  const tracer = api.trace.getTracer("attain", version);
  return {
    send: (spans) => {
      finished = [];
      for (const data of spans) {
        ids.next = data;
        make(api, tracer, data);
      }
      const batch = finished;
      finished = [];
      return new Promise((resolve, reject) => {
        exporter.export(batch, ({ code, error }) =>
          // oxlint-disable-next-line typescript/no-unsafe-enum-comparison -- likewise: ExportResultCode.SUCCESS
          code === 0 ? resolve() : reject(error ?? new Error("not exported")),
        );
      });
    },
    shutdown: async () => {
      await sdk.shutdown();
      for (const global of [api.trace, api.context, api.propagation]) global.disable();
    },
  };
}
