/**
 * The one contract between whatever carries gRPC and the ext-proc service. Every implementation passes the suite in
 * test/contract. No promise and no event emitter per message: this is the hot path.
 */
import type { Milliseconds } from "#units";

/** A gRPC status code. Source: grpc/doc/statuscodes.md. */
export type GrpcStatus = number;

/** Why a stream ended, told once. */
export type CloseCause =
  /** We ended it, trailers are sent. */
  | { readonly kind: "ended" }
  /** The peer cancelled it (RST_STREAM with CANCEL or NO_ERROR): a proxy's normal way to finish. */
  | { readonly kind: "cancelled" }
  /** The peer reset it with another error code. Envoy 1.40 finishes every exchange so, with INTERNAL_ERROR. */
  | { readonly kind: "reset"; readonly http2Code: number }
  /** The connection is gone. */
  | { readonly kind: "connection-lost" }
  /** Its grpc-timeout passed. */
  | { readonly kind: "deadline" }
  /** We gave up on it: protocol violation, message too large, or drain time over. */
  | { readonly kind: "aborted"; readonly status: GrpcStatus; readonly message: string };

/** The sending side of one stream, given to its handler. */
export interface StreamPeer {
  /**
   * Sends one message. The buffers are written one after another as its payload, without copying: they must not change
   * afterwards. Views of the message that is being handled may be sent, too. After the stream ended or closed it
   * does nothing and returns false.
   * @returns false when the peer reads too slowly: the transport then stops reading from it until it has drained, so a
   * handler that answers what it receives needs to do nothing
   */
  send(payload: readonly Buffer[]): boolean;
  /** Sends trailers and ends the stream; a second call does nothing. `message` is for the peer's log. */
  end(status: GrpcStatus, message?: string): void;
}

/** The receiving side of one stream. Calls come in order and never overlap; onClose is the last and comes exactly once. */
export interface StreamHandler {
  /** One whole message. The buffer is the handler's until onMessage returns; what is kept must be copied. */
  onMessage(message: Buffer): void;
  /** The peer will send no more. A handler that has nothing left to say ends the stream with OK. */
  onHalfClose(): void;
  onClose(cause: CloseCause): void;
}

/** What is known when a stream opens. */
export type StreamOpening = {
  /** Value of a request metadata entry by lower-case name. */
  metadata(name: string): string | undefined;
  /** From `grpc-timeout`, counted from the opening; undefined without one. */
  readonly timeoutMs: Milliseconds | undefined;
};

/** Makes the handler of a new stream. Throwing ends that stream with INTERNAL and touches no other. */
export type StreamAcceptor = (peer: StreamPeer, opening: StreamOpening) => StreamHandler;

/** A unary method: whole request in, whole reply or status out. */
export type UnaryMethod = (request: Buffer) => Buffer | { readonly status: GrpcStatus; readonly message: string };

/** A server-streaming method (health Watch): pushes until the returned function is called. */
export type ServerStreamingMethod = (request: Buffer, push: (message: Buffer) => void) => () => void;

/** What a transport serves, by full path such as `/envoy.service.ext_proc.v3.ExternalProcessor/Process`. */
export type Services = {
  readonly duplex: ReadonlyMap<string, StreamAcceptor>;
  readonly unary: ReadonlyMap<string, UnaryMethod>;
  readonly serverStreaming: ReadonlyMap<string, ServerStreamingMethod>;
};

/** PEM text of a certificate and its key. */
export type CertificatePair = { readonly certificate: string; readonly key: string };

export type TransportOptions = {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Undefined: plaintext (HTTP/2 with prior knowledge). */
  readonly tls: CertificatePair | undefined;
  /** A longer message ends its stream with RESOURCE_EXHAUSTED. */
  readonly maxMessageBytes: number;
  /** Longer request metadata is refused before any handler sees it. */
  readonly maxMetadataBytes: number;
  /** Unsent bytes of one stream above which its peer is not read any more. */
  readonly maxUnsentBytes: number;
  readonly maxConcurrentStreams: number;
  readonly services: Services;
  /** Told what must not happen: a handler threw (a bug, whose text the peer does not see), a connection was not accepted. */
  readonly onError?: (error: Error) => void;
};

/** A listening server. */
export interface Transport {
  readonly port: number;
  /** Streams open now, over all connections. */
  readonly openStreams: number;
  /** New connections get this certificate; open ones keep theirs. */
  setCertificate(pair: CertificatePair): void;
  /**
   * GOAWAY to every connection, no new streams; resolves when all streams have ended, at the latest after `graceMs`, when
   * the rest is aborted with UNAVAILABLE. A server-streaming call never ends by itself: it gets UNAVAILABLE at once.
   */
  drain(graceMs: Milliseconds): Promise<void>;
  /** Ends everything at once. */
  close(): Promise<void>;
}

/** Opens the port; rejects with a message that names host and port when it cannot. */
export type Listen = (options: TransportOptions) => Promise<Transport>;
