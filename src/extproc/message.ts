import type { JsonObject } from "./struct.ts";

/** How the proxy shows us a body. Source: envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode. */
export type BodyMode = "NONE" | "STREAMED" | "BUFFERED" | "BUFFERED_PARTIAL" | "FULL_DUPLEX_STREAMED" | "GRPC";

/** Which half of the exchange a message belongs to. */
export type Direction = "request" | "response";

/** The headers or trailers of one message, read in place. */
export interface HeaderView {
  /** First value of a header by lower-case name (`raw_value` where it is not empty, else `value`); undefined when absent. */
  get(lowerCaseName: string): string | undefined;
  /** Every value of a header, in order: repeated lines are kept. */
  all(lowerCaseName: string): readonly string[];
  /** Every line as [lower-case name, value], in order. */
  entries(): readonly (readonly [name: string, value: string])[];
}

/** `protocol_config`, sent by the proxy on the first message of a stream. */
export type ProtocolConfig = { readonly requestBodyMode: BodyMode; readonly responseBodyMode: BodyMode };

/** What every ProcessingRequest may carry beside its own part. */
type Envelope = {
  /** Undefined on all but the first message, and with proxies that do not send it. */
  readonly protocolConfig: ProtocolConfig | undefined;
  /**
   * `metadata_context.filter_metadata`, decoded only when asked for. Undefined where the message has none.
   * @throws CodecError when the bytes of that struct are malformed
   */
  filterMetadata(namespace: string): JsonObject | undefined;
  /** True when the proxy ignores our replies (observability_mode). */
  readonly observabilityMode: boolean;
};

/** One decoded `envoy.service.ext_proc.v3.ProcessingRequest`. Bodies are views of the received buffer: copy what is kept. */
export type ProcessingRequest = Envelope &
  (
    | {
        readonly kind: "headers";
        readonly direction: Direction;
        readonly headers: HeaderView;
        readonly endOfStream: boolean;
      }
    | { readonly kind: "body"; readonly direction: Direction; readonly body: Buffer; readonly endOfStream: boolean }
    | { readonly kind: "trailers"; readonly direction: Direction; readonly trailers: HeaderView }
    /** A oneof case this version does not know: skipped. */
    | { readonly kind: "unknown" }
  );

/** One header to set; replaces what is there unless `append`. */
export type HeaderValue = { readonly name: string; readonly value: string; readonly append?: boolean };

/** HeaderMutation. */
export type HeaderMutation = {
  readonly set?: readonly HeaderValue[];
  readonly remove?: readonly string[];
};

/** CommonResponse with CONTINUE; the body mutation is given where a body reply needs one. */
export type CommonReply = {
  readonly headers?: HeaderMutation;
  readonly clearRouteCache?: boolean;
  /**
   * `streamed`: StreamedBodyResponse (FULL_DUPLEX_STREAMED only); `replace`: the whole body anew. Absent: the body stays.
   */
  readonly body?:
    | { readonly kind: "streamed"; readonly body: Buffer; readonly endOfStream: boolean }
    | { readonly kind: "replace"; readonly body: Buffer };
};

/** ImmediateResponse: the answer the client gets instead of the upstream's. */
export type ImmediateReply = {
  /** HTTP status, 200 to 599. */
  readonly status: number;
  readonly headers?: HeaderMutation;
  readonly body?: Buffer;
  /** gRPC status for the trailers, where the client speaks gRPC. */
  readonly grpcStatus?: number;
  /** Goes into the proxy's access log as response code details. */
  readonly details?: string;
};

/** One `envoy.service.ext_proc.v3.ProcessingResponse`. */
export type ProcessingResponse = {
  /** Namespace → struct. */
  readonly dynamicMetadata?: JsonObject;
} & (
  | { readonly kind: "headers"; readonly direction: Direction; readonly common: CommonReply }
  | { readonly kind: "body"; readonly direction: Direction; readonly common: CommonReply }
  | { readonly kind: "trailers"; readonly direction: Direction; readonly headers?: HeaderMutation }
  | { readonly kind: "immediate"; readonly immediate: ImmediateReply }
);

/** A received ProcessingResponse. `unknown`: none of the oneof's known cases, for example a longer message timeout. */
export type ReceivedResponse = ProcessingResponse | { readonly kind: "unknown"; readonly dynamicMetadata?: JsonObject };

/** Header lines to send, as [lower-case name, value], in order; a repeated name is a repeated line. */
export type HeaderLines = readonly (readonly [name: string, value: string])[];

/** One ProcessingRequest to send: what a proxy says. */
export type OutgoingRequest = {
  /** On the first message of a stream. */
  readonly protocolConfig?: ProtocolConfig;
  /** Namespace → struct. An empty object is sent as an empty `metadata_context`, as Envoy does. */
  readonly filterMetadata?: { readonly [namespace: string]: JsonObject };
  readonly observabilityMode?: boolean;
} & (
  | {
      readonly kind: "headers";
      readonly direction: Direction;
      readonly headers: HeaderLines;
      readonly endOfStream: boolean;
    }
  | { readonly kind: "body"; readonly direction: Direction; readonly body: Buffer; readonly endOfStream: boolean }
  | { readonly kind: "trailers"; readonly direction: Direction; readonly trailers: HeaderLines }
);
