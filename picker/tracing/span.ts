import type { Milliseconds } from "#units";
import type { SpanIds } from "./trace-context.ts";

export type AttributeValue = string | number | boolean | readonly string[];
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** A moment inside a span. */
export type SpanEvent = { readonly name: string; readonly atMs: Milliseconds; readonly attributes: Attributes };

/** One finished span as data. Instants are Unix time. */
export type SpanData = SpanIds & {
  readonly name: string;
  readonly kind: "server" | "internal";
  /** Undefined for the first span of a trace. */
  readonly parentSpanId: string | undefined;
  /** True where the parent is the caller's. */
  readonly parentIsRemote: boolean;
  /** The caller's `tracestate`, handed on as it is. */
  readonly traceState: string | undefined;
  readonly startMs: Milliseconds;
  readonly endMs: Milliseconds;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
  /** What failed; undefined for a span that did not fail. A latency target that was missed is no failure. */
  readonly error: string | undefined;
};
