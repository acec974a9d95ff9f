/** One ended request as a tree of spans: plain data, made from instants that were recorded anyway. */
import type { HeaderView } from "#extproc";
import type { Milliseconds } from "#units";
import { admissionAttributes, errorOf, requestAttributes, type EndedRequest } from "./attributes.ts";
import type { KeptBy } from "./sampling.ts";
import { scheduleAttributes } from "./schedule-attributes.ts";
import type { SpanData, SpanEvent } from "./span.ts";
import type { SpanIds, TraceParent } from "./trace-context.ts";

/** What spans are made of, beside the request itself. */
export type SpanSource = {
  readonly ids: SpanIds;
  readonly parent: TraceParent | undefined;
  readonly pool: string;
  readonly keptBy: KeptBy;
  /** Unix time minus monotonic time. */
  readonly wallOffsetMs: Milliseconds;
  readonly newSpanId: () => string;
};

function responseEvents({ end: { reader } }: EndedRequest, wallOffsetMs: Milliseconds): readonly SpanEvent[] {
  if (reader?.firstTokenAtMs === undefined) return [];
  const first: SpanEvent = { name: "first_token", atMs: wallOffsetMs + reader.firstTokenAtMs, attributes: {} };
  if (reader.lastTokenAtMs === undefined) return [first];
  const attributes = { "attain.token_events": reader.tokenEvents };
  return [first, { name: "last_token", atMs: wallOffsetMs + reader.lastTokenAtMs, attributes }];
}

/** Longer ones need not be handed on. Source: W3C Trace Context, tracestate limits. */
const longestTraceState = 512;

function traceStateOf(headers: Pick<HeaderView, "all">): string | undefined {
  const text = headers.all("tracestate").join(",");
  return text === "" || text.length > longestTraceState ? undefined : text;
}

/** What every span below the request's has alike. */
type Inside = Pick<SpanData, "traceId" | "kind" | "parentIsRemote" | "traceState" | "events">;

function scheduleSpan(
  ended: EndedRequest,
  inside: Inside,
  source: SpanSource,
  admission: SpanData,
): SpanData | undefined {
  const { route, considered, decidingAtMs } = ended.record;
  if (route === undefined && considered === undefined) return undefined;
  const startedAtMs = considered?.startedAtMs ?? decidingAtMs;
  return {
    ...inside,
    name: "epp.schedule",
    spanId: source.newSpanId(),
    parentSpanId: admission.spanId,
    startMs: startedAtMs === undefined ? admission.endMs : source.wallOffsetMs + startedAtMs,
    endMs: admission.endMs,
    attributes: scheduleAttributes(route, considered),
    error: admission.error,
  };
}

/**
 * `gateway.request`, in it `epp.admission` from arrival to the decision, in that `epp.schedule` from the whole request
 * to its destination. A request that was refused before an endpoint was looked for has no `epp.schedule`, and one that
 * ended before a decision was due has no `epp.admission`.
 */
export function spansOf(ended: EndedRequest, source: SpanSource): readonly SpanData[] {
  const { record, end } = ended;
  const { arrival, route } = record;
  const { ids, parent, wallOffsetMs } = source;
  const traceState = parent && traceStateOf(arrival.headers);
  const request: SpanData = {
    ...ids,
    name: "gateway.request",
    kind: "server",
    parentSpanId: parent?.spanId,
    parentIsRemote: parent !== undefined,
    traceState,
    startMs: wallOffsetMs + arrival.arrivedAtMs,
    endMs: wallOffsetMs + end.endedAtMs,
    attributes: requestAttributes(ended, source.pool, source.keptBy),
    events: responseEvents(ended, wallOffsetMs),
    error: errorOf(ended),
  };
  const decidedAtMs = route?.decidedAtMs ?? (end.refusal === undefined ? undefined : end.endedAtMs);
  if (decidedAtMs === undefined) return [request];
  const inside: Inside = { traceId: ids.traceId, kind: "internal", parentIsRemote: false, traceState, events: [] };
  const admission: SpanData = {
    ...inside,
    name: "epp.admission",
    spanId: source.newSpanId(),
    parentSpanId: ids.spanId,
    startMs: request.startMs,
    endMs: wallOffsetMs + decidedAtMs,
    attributes: admissionAttributes(ended),
    error: route === undefined ? request.error : undefined,
  };
  const schedule = scheduleSpan(ended, inside, source, admission);
  return schedule === undefined ? [request, admission] : [request, admission, schedule];
}
