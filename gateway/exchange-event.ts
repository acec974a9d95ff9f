import type { GrpcStatus } from "#grpc";
import type { HeaderLines, OutgoingRequest, ReceivedResponse } from "#extproc";
import type { UpstreamHead } from "./request-head.ts";
import type { ClientResponseHead } from "./response-head.ts";

/** What happened to one exchange, in the order in which it happened. */
export type ExchangeEvent =
  /** The client's request, with pseudo headers; see `requestHead`. */
  | { readonly kind: "client-headers"; readonly lines: HeaderLines; readonly endOfStream: boolean }
  | { readonly kind: "client-body"; readonly chunk: Buffer }
  | { readonly kind: "client-end"; readonly trailers: HeaderLines }
  | { readonly kind: "client-gone" }
  | { readonly kind: "reply"; readonly reply: ReceivedResponse }
  /** The picker ended its stream. */
  | { readonly kind: "processor-ended"; readonly status: GrpcStatus; readonly message: string }
  /** The picker could not be reached, or its stream broke. */
  | { readonly kind: "processor-lost"; readonly message: string }
  /** An awaited reply did not come in time. */
  | { readonly kind: "processor-silent" }
  | {
      readonly kind: "upstream-headers";
      readonly status: number;
      readonly lines: HeaderLines;
      /** No body can follow. */
      readonly endOfStream: boolean;
    }
  | { readonly kind: "upstream-body"; readonly chunk: Buffer }
  | { readonly kind: "upstream-end"; readonly trailers: HeaderLines }
  /** No destination accepted a connection. */
  | { readonly kind: "upstream-unreachable"; readonly message: string }
  /** The connection broke before the response was whole. */
  | { readonly kind: "upstream-broken"; readonly message: string };

/** How an exchange ended. */
export type ExchangeOutcome =
  /** The response passed whole. */
  | "responded"
  /** The picker answered. */
  | "immediate"
  | "no-destination"
  | "upstream-unreachable"
  | "upstream-broken"
  | "processor-failed"
  | "client-gone";

/** What the shell must do, in order. */
export type ExchangeEffect =
  | { readonly kind: "tell"; readonly message: OutgoingRequest }
  | {
      readonly kind: "connect";
      /** In order of preference; the next one is tried when a connection is refused. */
      readonly destinations: readonly string[];
      readonly head: UpstreamHead;
      readonly endOfStream: boolean;
    }
  | { readonly kind: "upstream-write"; readonly chunk: Buffer }
  | { readonly kind: "upstream-end" }
  | { readonly kind: "upstream-abort" }
  | { readonly kind: "client-start"; readonly head: ClientResponseHead }
  | { readonly kind: "client-write"; readonly chunk: Buffer }
  | { readonly kind: "client-end"; readonly trailers: HeaderLines }
  /** The response cannot be finished: the client must see that it is broken. */
  | { readonly kind: "client-reset" }
  /** RST_STREAM of the picker's stream: CANCEL is the normal end, CONNECT_ERROR says that the response broke (Envoy uses INTERNAL_ERROR for any end). */
  | { readonly kind: "processor-reset"; readonly code: "cancel" | "connect-error" }
  /** Comes last and once. */
  | { readonly kind: "finish"; readonly outcome: ExchangeOutcome };
