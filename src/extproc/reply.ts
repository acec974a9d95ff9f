import type { Direction } from "./message.ts";
import { encodeProcessingResponse } from "./response-encoder.ts";
import { putVarint, varintSize } from "./wire-writer.ts";

/** Heads of this many body lengths are kept: chunks of a streamed answer are small and their lengths recur. */
const keptHeads = 2048;

const keptRequestHeads: (Buffer | undefined)[] = Array.from({ length: keptHeads });
const keptResponseHeads: (Buffer | undefined)[] = Array.from({ length: keptHeads });

/**
 * The reply that passes one body chunk on (StreamedBodyResponse, FULL_DUPLEX_STREAMED and GRPC modes), as a head and the
 * body itself, uncopied. The head may be shared with other messages: it must not be changed.
 * @param body may be empty
 * @returns the payload of one message, for one `send`
 */
export function streamedBodyReply(direction: Direction, body: Buffer, endOfStream: boolean): readonly Buffer[] {
  const { length } = body;
  if (endOfStream || length === 0 || length >= keptHeads) {
    const head = makeHead(direction, length, endOfStream);
    return length === 0 ? [head] : [head, body];
  }
  const kept = direction === "request" ? keptRequestHeads : keptResponseHeads;
  let head = kept[length];
  if (head === undefined) {
    head = makeHead(direction, length, false);
    kept[length] = head;
  }
  return [head, body];
}

/** Everything of the message but the body: five nested lengths, the end flag, and the body's own length as its last field. */
function makeHead(direction: Direction, bodyLength: number, endOfStream: boolean): Buffer {
  const streamed = (endOfStream ? 2 : 0) + (bodyLength > 0 ? 1 + varintSize(bodyLength) + bodyLength : 0);
  const mutation = 1 + varintSize(streamed) + streamed;
  const common = 1 + varintSize(mutation) + mutation;
  const part = 1 + varintSize(common) + common;
  const head = Buffer.allocUnsafe(1 + varintSize(part) + part - bodyLength);
  head[0] = direction === "request" ? 0x1a : 0x22; // request_body, response_body
  let at = putVarint(head, 1, part);
  head[at] = 0x0a; // response
  at = putVarint(head, at + 1, common);
  head[at] = 0x1a; // body_mutation
  at = putVarint(head, at + 1, mutation);
  head[at] = 0x1a; // streamed_response
  at = putVarint(head, at + 1, streamed);
  if (endOfStream) {
    head[at++] = 0x10;
    head[at++] = 1;
  }
  if (bodyLength > 0) {
    head[at] = 0x0a;
    putVarint(head, at + 1, bodyLength);
  }
  return head;
}

const continueReplies = {
  headers: { request: Buffer.from([0x0a, 0]), response: Buffer.from([0x12, 0]) },
  body: { request: Buffer.from([0x1a, 0]), response: Buffer.from([0x22, 0]) },
  trailers: { request: Buffer.from([0x2a, 0]), response: Buffer.from([0x32, 0]) },
} as const;

/** The reply that changes nothing: a whole message. Constant: it must not be changed. */
export const continueReply = (kind: "headers" | "body" | "trailers", direction: Direction): Buffer =>
  continueReplies[kind][direction];

/** Header and metadata key that name the chosen endpoint. Source: Gateway API Inference Extension, endpoint picker protocol. */
export const destinationKey = "x-gateway-destination-endpoint";

/** Metadata namespace in which the proxy's load balancer looks for {@link destinationKey}. */
export const destinationNamespace = "envoy.lb";

/**
 * The reply to request headers that sends the request to an endpoint: header and dynamic metadata. It depends on nothing
 * else, so that it can be made once per endpoint and sent any number of times.
 * @param options.destination `host:port`, IPv6 in brackets; a comma list where the proxy takes fallbacks
 * @param options.removeHeaders names of client headers that must not reach the model server
 */
export const routeReplyTemplate = (options: {
  readonly destination: string;
  readonly removeHeaders: readonly string[];
  readonly clearRouteCache: boolean;
}): Buffer =>
  encodeProcessingResponse({
    kind: "headers",
    direction: "request",
    common: {
      headers: { set: [{ name: destinationKey, value: options.destination }], remove: options.removeHeaders },
      clearRouteCache: options.clearRouteCache,
    },
    dynamicMetadata: { [destinationNamespace]: { [destinationKey]: options.destination } },
  });
