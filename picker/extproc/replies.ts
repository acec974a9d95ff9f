import {
  encodeProcessingResponse,
  streamedBodyReply,
  type CommonReply,
  type HeaderMutation,
  type HeaderValue,
  type JsonObject,
} from "#extproc";
import { grpcStatus } from "#grpc";
import { errorBody } from "../request/error-body.ts";
import type { Api } from "../request/request.ts";
import type { Route } from "../director/arrival.ts";
import type { Refusal } from "../flow/refusal/refusal.ts";
import type { OutgoingContext } from "../tracing/request-trace.ts";
import { controlHeaders, header, metadata } from "./headers.ts";

/** Envoy's own advice for streamed bodies is at most 64 KiB a message; other data planes refuse more. */
const largestPiece = 62_000;
const mostTemplates = 10_000;

/** Stands in templates where each request's own value is written; as long as every value of it. */
const anyTraceparent = `00-${"f".repeat(32)}-${"f".repeat(16)}-0f`;

type RouteTemplate = {
  readonly bytes: Buffer;
  /** Where the traceparent stands; below 0 without one. */
  readonly traceparentAt: number;
};

/**
 * Replies built once per destination and reused: the route reply of an endpoint is the same bytes every time, but for
 * the trace context.
 * Source: endpoint picker protocol, wire keys; header and metadata carry equal values.
 */
export class RouteReplies {
  readonly #stripped: readonly string[];
  readonly #templates = new Map<string, RouteTemplate>();

  /** @param options `ownHeaders`: configured ones with which clients steer the picker, beside the field's */
  constructor(options: { readonly stripsControlHeaders: boolean; readonly ownHeaders?: readonly string[] }) {
    const { stripsControlHeaders, ownHeaders = [] } = options;
    this.#stripped = stripsControlHeaders ? [...new Set([...controlHeaders, ...ownHeaders])] : [];
  }

  /** The whole reply message that sends a request to its destination, with our trace context where there is one. */
  of(route: Pick<Route, "destination" | "scores">, replyTo: "headers" | "body", trace?: OutgoingContext): Buffer {
    if (route.scores !== undefined) return this.#encode(route, replyTo, trace);
    const start = replyTo === "headers" ? "" : "body ";
    const key =
      trace === undefined
        ? start + route.destination
        : `${start}${trace.isRoot ? "root" : "child"} ${route.destination}`;
    const { bytes, traceparentAt } = this.#templates.get(key) ?? this.#make(key, route, replyTo, trace);
    if (trace === undefined) return bytes;
    const reply = Buffer.from(bytes);
    reply.write(trace.traceparent, traceparentAt, "latin1");
    return reply;
  }

  #make(
    key: string,
    route: Pick<Route, "destination" | "scores">,
    replyTo: "headers" | "body",
    trace: OutgoingContext | undefined,
  ): RouteTemplate {
    if (this.#templates.size >= mostTemplates) this.#templates.clear();
    const bytes = this.#encode(route, replyTo, trace && { ...trace, traceparent: anyTraceparent });
    const template = { bytes, traceparentAt: bytes.indexOf(anyTraceparent, 0, "latin1") };
    this.#templates.set(key, template);
    return template;
  }

  #encode(
    { destination, scores }: Pick<Route, "destination" | "scores">,
    replyTo: "headers" | "body",
    trace: OutgoingContext | undefined,
  ): Buffer {
    const set: HeaderValue[] = [{ name: header.destination, value: destination }];
    if (trace !== undefined) set.push({ name: header.traceparent, value: trace.traceparent });
    const remove = [...this.#stripped, ...(trace?.isRoot === true ? [header.tracestate] : [])];
    const headers: HeaderMutation = remove.length > 0 ? { set, remove } : { set };
    const common: CommonReply = { headers, clearRouteCache: true };
    const lb: JsonObject = {
      [header.destination]: destination,
      ...(scores === undefined ? {} : { [metadata.scores]: scores }),
    };
    return encodeProcessingResponse({
      kind: replyTo,
      direction: "request",
      common,
      dynamicMetadata: { [metadata.namespace]: lb },
    });
  }
}

/** A body as streamed replies of at most 62,000 bytes; an empty one is a single empty piece. The last carries `endOfStream`. */
export function sendInPieces(
  send: (payload: readonly Buffer[]) => unknown,
  direction: "request" | "response",
  body: Buffer,
  endOfStream: boolean,
): void {
  let start = 0;
  while (body.length - start > largestPiece) {
    send(streamedBodyReply(direction, body.subarray(start, start + largestPiece), false));
    start += largestPiece;
  }
  send(streamedBodyReply(direction, start === 0 ? body : body.subarray(start), endOfStream));
}

/**
 * What a proxy makes of a refusal where its client speaks gRPC; others never see it. Envoy's own mapping makes 429 an
 * UNAVAILABLE, which gRPC clients retry at once, and 400 an INTERNAL.
 * Source: grpc.io, status codes; Envoy, ImmediateResponse.grpc_status.
 */
const grpcStatuses: Readonly<Record<Refusal["status"], number>> = {
  400: grpcStatus.INVALID_ARGUMENT,
  413: grpcStatus.RESOURCE_EXHAUSTED,
  429: grpcStatus.RESOURCE_EXHAUSTED,
  503: grpcStatus.UNAVAILABLE,
};

/** The ImmediateResponse of a refusal, its body in the client's own API and its reason as the code there. */
export function refusalReply(api: Api, refusal: Refusal): Buffer {
  const { status, reason, droppedReason, retryAfterSeconds } = refusal;
  const { contentType, body } = errorBody(api, status, refusal.message, reason === "invalid" ? undefined : reason);
  const set: HeaderValue[] = [{ name: "content-type", value: contentType }];
  if (droppedReason !== undefined) set.push({ name: header.droppedReason, value: droppedReason });
  if (retryAfterSeconds !== undefined) set.push({ name: header.retryAfter, value: String(retryAfterSeconds) });
  return encodeProcessingResponse({
    kind: "immediate",
    immediate: {
      status,
      headers: { set },
      body,
      ...(api === "pass-through" ? { grpcStatus: grpcStatuses[status] } : {}),
      details: `attain_${reason}`,
    },
  });
}
