import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import { type GrpcStatus, grpcStatus } from "#grpc";
import type { Bytes } from "#units";
import { admit } from "./admission.ts";
import type { TransportOptions } from "./contract.ts";
import { type CallOptions, type CallOwner, Http2Call } from "./http2-call.ts";
import { respondStatus, respondTrailersOnly, trailersOf } from "./http2-wire.ts";
import type { Method } from "./methods.ts";

/** Above any bandwidth-delay product of a cluster, so that a stalled stream never starves the others. */
const connectionWindowBytes: Bytes = 16 * 1024 * 1024;
/** Announces the end of a connection without refusing what is already under way. */
const headerEntryBytes: Bytes = 32;
const lastPossibleStream = 2 ** 31 - 1;

const ignore = (): void => undefined;
const single = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === "object" ? value.join(",") : value;

/** Size of a header list. Source: RFC 9113 6.5.2, SETTINGS_MAX_HEADER_LIST_SIZE. */
function listBytes(rawHeaders: readonly string[]): Bytes {
  let bytes = 0;
  for (let i = 0; i < rawHeaders.length; i++) bytes += rawHeaders[i]!.length;
  return bytes + (rawHeaders.length / 2) * headerEntryBytes;
}

/** What a connection tells its server. */
export interface ConnectionOwner {
  /** A call ended, the last GOAWAY went out, or the connection closed. */
  progressed(connection: Http2Connection): void;
}

export type ConnectionOptions = CallOptions & Pick<TransportOptions, "maxMetadataBytes">;

/** One HTTP/2 connection and its calls. */
export class Http2Connection implements CallOwner {
  readonly #session: ServerHttp2Session;
  readonly #owner: ConnectionOwner;
  readonly #methods: ReadonlyMap<string, Method>;
  readonly #options: ConnectionOptions;
  /** Calls with whether each is a subscription. */
  readonly #calls = new Map<Http2Call, boolean>();
  /** serving → warned (first GOAWAY) → refusing (last GOAWAY) → closed. */
  #phase: "serving" | "warned" | "refusing" | "closed" = "serving";
  #unansweredPing = false;

  constructor(
    session: ServerHttp2Session,
    owner: ConnectionOwner,
    methods: ReadonlyMap<string, Method>,
    options: ConnectionOptions,
  ) {
    this.#session = session;
    this.#owner = owner;
    this.#methods = methods;
    this.#options = options;
    session.setLocalWindowSize(connectionWindowBytes);
    session.on("error", ignore);
    session.on("stream", (stream, headers, _flags, rawHeaders) => this.#onStream(stream, headers, rawHeaders));
    session.on("close", () => {
      this.#phase = "closed";
      owner.progressed(this);
    });
  }

  get lost(): boolean {
    return this.#session.destroyed;
  }

  get closed(): boolean {
    return this.#phase === "closed";
  }

  get openStreams(): number {
    return this.#calls.size;
  }

  /** No call is open and none can come. */
  get drained(): boolean {
    return this.#calls.size === 0 && (this.#phase === "refusing" || this.#phase === "closed");
  }

  callClosed(call: Http2Call): void {
    this.#calls.delete(call);
    if (this.#phase === "warned" && this.#calls.size === 0) this.#refuse();
    else this.#owner.progressed(this);
  }

  /**
   * Two GOAWAYs a round trip apart, so that calls sent before the first one arrived are still answered. A connection
   * without calls gets the last one at once: nghttp2 reads nothing more there after the first.
   */
  drain(): void {
    if (this.#phase !== "serving" || this.#session.destroyed) return;
    if (this.#calls.size === 0) return this.#refuse();
    this.#phase = "warned";
    this.#session.goaway(0, lastPossibleStream);
    this.#session.ping(() => setImmediate(() => this.#refuse()));
    for (const [call, subscription] of this.#calls) if (subscription) call.end(...shuttingDown);
  }

  /** Aborts the open calls; new ones are refused. */
  abort(): void {
    for (const call of this.#calls.keys()) call.abort(...shuttingDown);
    this.#refuse();
  }

  destroy(): void {
    this.abort();
    this.#session.destroy();
  }

  /** Sends a PING; a peer that left the last one unanswered is gone. */
  checkAlive(): void {
    if (this.#session.destroyed) return;
    if (this.#unansweredPing) return this.#session.destroy();
    this.#unansweredPing = this.#session.ping((error) => {
      if (error === null) this.#unansweredPing = false;
    });
  }

  #refuse(): void {
    if (this.#phase === "refusing" || this.#phase === "closed") return;
    this.#phase = "refusing";
    this.#session.close();
    this.#owner.progressed(this);
  }

  #onStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, rawHeaders: readonly string[]): void {
    stream.on("error", ignore);
    // Already reset by the peer: nobody waits for an answer.
    if (stream.destroyed || stream.closed) return;
    // nghttp2 applies our header limit once the peer has acknowledged it, so the first calls are checked here.
    if (listBytes(rawHeaders) > this.#options.maxMetadataBytes) {
      return respondTrailersOnly(stream, trailersOf(grpcStatus.RESOURCE_EXHAUSTED, "the metadata is too long"));
    }
    const admission = admit(
      {
        method: headers[":method"],
        path: headers[":path"],
        contentType: headers["content-type"],
        encoding: single(headers["grpc-encoding"]),
        timeout: single(headers["grpc-timeout"]),
      },
      this.#methods,
    );
    if (admission.kind === "http") {
      respondStatus(stream, admission.status);
    } else if (admission.kind === "refused") {
      respondTrailersOnly(stream, trailersOf(admission.status, admission.message));
    } else {
      const call = new Http2Call(stream, this, this.#options);
      this.#calls.set(call, admission.method.subscription);
      const metadata = (name: string): string | undefined => single(headers[name]);
      call.open(admission.method.accept, { metadata, timeoutMs: admission.timeoutMs });
    }
  }
}

const shuttingDown: readonly [GrpcStatus, string] = [grpcStatus.UNAVAILABLE, "the server is shutting down"];
