/** What is remembered of a request's trace until it ends. */
import type { KeptBy } from "./sampling.ts";
import type { SpanIds, TraceParent } from "./trace-context.ts";

/** inject: the model server's spans hang under ours. passthrough: they hang where ours does. */
export type TracePropagation = "inject" | "passthrough";
export const tracePropagations = ["inject", "passthrough"] as const satisfies readonly TracePropagation[];

/** The `traceparent` of a request on its way to the model server. */
export type OutgoingContext = {
  readonly traceparent: string;
  /** A trace that begins here: a `tracestate` without a usable `traceparent` belongs to nobody and is removed. */
  readonly isRoot: boolean;
};

/** What is remembered of one request. */
export type RequestTrace = {
  readonly parent: TraceParent | undefined;
  readonly sampledBy: Exclude<KeptBy, "outcome"> | undefined;
  /** Undefined until they are needed: where nothing is injected, most requests never need any. */
  readonly ids: SpanIds | undefined;
  /** Undefined: the request's own headers go on as they are. */
  readonly outgoing: OutgoingContext | undefined;
};
