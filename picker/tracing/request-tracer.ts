/** What a session asks of tracing: a context at the start of a request, spans at its end if it is kept. */
import type { HeaderView } from "#extproc";
import type { Milliseconds, Ratio } from "#units";
import type { EndedRequest } from "./attributes.ts";
import type { RequestTrace, TracePropagation } from "./request-trace.ts";
import { isKeptForItsOutcome, traceDecision, type Sampling } from "./sampling.ts";
import type { SpanData } from "./span.ts";
import { spansOf } from "./spans.ts";
import { newSpanId, newTraceId, traceparentOf, type SpanIds, type TraceParent } from "./trace-context.ts";

/** A trace that was kept. */
export type KeptTrace = { readonly traceId: string; readonly wallOffsetMs: Milliseconds };

export type RequestTracerOptions = {
  readonly sampling: Sampling;
  readonly propagation: TracePropagation;
  /** Name of the pool, on every request span. */
  readonly pool: string;
  readonly random: () => Ratio;
  /** Unix time minus monotonic time. */
  readonly wallOffsetMs: () => Milliseconds;
  /** Takes the spans of one request. @returns whether there was room */
  readonly keep: (spans: readonly SpanData[]) => boolean;
};

const passedOnWith = (parent: RequestTrace["parent"], sampledBy: RequestTrace["sampledBy"]): RequestTrace => ({
  parent,
  sampledBy,
  ids: undefined,
  outgoing: undefined,
});
const passedOn = passedOnWith(undefined, undefined);

/** Decides at the start, builds at the end; an unsampled request that ends well costs a header look-up and no spans. */
export class RequestTracer {
  readonly #options: RequestTracerOptions;

  constructor(options: RequestTracerOptions) {
    this.#options = options;
  }

  /** The request headers were handled. */
  begin(headers: Pick<HeaderView, "get">): RequestTrace {
    const { sampling, propagation, random } = this.#options;
    const { parent, sampledBy } = traceDecision(headers, sampling, random);
    if (propagation === "passthrough") {
      return parent === undefined && sampledBy === undefined ? passedOn : passedOnWith(parent, sampledBy);
    }
    // The caller's own context says that its trace is not sampled, and says it to the model server as well.
    if (parent?.sampled === false && sampledBy === undefined) return passedOnWith(parent, undefined);
    const ids = this.#newIds(parent);
    const flags = { sampled: sampledBy !== undefined, random: parent?.random ?? false };
    const outgoing = { traceparent: traceparentOf(ids, flags), isRoot: parent === undefined };
    return { parent, sampledBy, ids, outgoing };
  }

  /** The request ended. @returns undefined for one that is not kept, or for which there was no room */
  end(trace: RequestTrace, ended: EndedRequest): KeptTrace | undefined {
    const keptBy = trace.sampledBy ?? (isKeptForItsOutcome(ended.observation, ended.judgement) ? "outcome" : undefined);
    if (keptBy === undefined) return undefined;
    const { pool, random, keep } = this.#options;
    const ids = trace.ids ?? this.#newIds(trace.parent);
    const wallOffsetMs = this.#options.wallOffsetMs();
    const spans = spansOf(ended, {
      ids,
      parent: trace.parent,
      pool,
      keptBy,
      wallOffsetMs,
      newSpanId: () => newSpanId(random),
    });
    return keep(spans) ? { traceId: ids.traceId, wallOffsetMs } : undefined;
  }

  #newIds(parent: TraceParent | undefined): SpanIds {
    const { random } = this.#options;
    return { traceId: parent?.traceId ?? newTraceId(random), spanId: newSpanId(random) };
  }
}
