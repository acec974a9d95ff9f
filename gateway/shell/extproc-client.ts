import {
  connect,
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from "node:http2";
import { performance } from "node:perf_hooks";
import { messageOf } from "#errors";
import { decodeGrpcMessage, frameHeader, GrpcFrameReader, grpcStatus, parseGrpcStatus, type GrpcStatus } from "#grpc";
import { hostPortOf } from "#pool";
import type { Bytes, Milliseconds } from "#units";

const processPath = "/envoy.service.ext_proc.v3.ExternalProcessor/Process";
const streamWindowBytes: Bytes = 256 * 1024;
const connectionWindowBytes: Bytes = 16 * 1024 * 1024;
const firstBackOffMs: Milliseconds = 50;
const longestBackOffMs: Milliseconds = 1000;
/** Node counts what all streams hold against this; its default of 10 MB refuses streams under load. */
const sessionMemoryMegabytes = 1024;

/** A message up to this length is copied into one piece: cheaper than a write of several. */
const copiedBytes: Bytes = 16 * 1024;

/** What a stream tells; nothing follows `onEnd` or `onLost`. */
export type ExtprocHandler = {
  /** One message; the buffer may be kept. */
  readonly onMessage: (message: Buffer) => void;
  /** The picker ended the stream. */
  readonly onEnd: (status: GrpcStatus, message: string) => void;
  /** The stream broke, or the picker could not be reached. */
  readonly onLost: (message: string) => void;
  /** What was sent has gone out after a `send` that returned false. */
  readonly onDrain: () => void;
};

/** One open stream to the picker. */
export type ExtprocStream = {
  /** Sends one message made of these parts. @returns false when the picker reads too slowly: wait for onDrain */
  send(payload: readonly Buffer[]): boolean;
  pause(): void;
  resume(): void;
  /** RST_STREAM; nothing is told after it. */
  reset(code: "cancel" | "connect-error"): void;
};

export type ExtprocClientOptions = {
  readonly host: string;
  readonly port: number;
  /** Undefined: plaintext, HTTP/2 with prior knowledge. */
  readonly tls: { readonly rejectUnauthorized: boolean } | undefined;
  readonly connectTimeoutMs: Milliseconds;
  readonly maxMessageBytes: Bytes;
};

/** One connection to the picker, made when it is first needed and again when it is lost. */
export class ExtprocClient {
  readonly #options: ExtprocClientOptions;
  readonly #address: string;
  readonly #origin: string;
  #session: ClientHttp2Session | undefined;
  #backOffMs: Milliseconds = firstBackOffMs;
  #refusedUntilMs: Milliseconds = 0;
  #lastFault = "";
  #closed = false;

  constructor(options: ExtprocClientOptions) {
    this.#options = options;
    this.#address = hostPortOf(options.host, options.port);
    this.#origin = `${options.tls === undefined ? "http" : "https"}://${this.#address}`;
  }

  /**
   * Opens one stream. While the connection is being made it waits; between two attempts, the pauses of which double up to
   * a second, it is lost at once with the reason of the last failure.
   */
  open(forwardedFor: string, handler: ExtprocHandler): ExtprocStream {
    const session = this.#current();
    if (session === undefined) {
      queueMicrotask(() => handler.onLost(this.#lastFault));
      return { send: () => true, pause: () => undefined, resume: () => undefined, reset: () => undefined };
    }
    const call = session.request({
      ":method": "POST",
      ":path": processPath,
      ":scheme": this.#options.tls === undefined ? "http" : "https",
      ":authority": this.#address,
      "content-type": "application/grpc",
      te: "trailers",
      "x-envoy-internal": "true",
      "x-forwarded-for": forwardedFor,
    });
    return new GrpcCall(call, this.#options.maxMessageBytes, handler, () => this.#lastFault);
  }

  close(): void {
    this.#closed = true;
    this.#lastFault = "the gateway is closing";
    this.#session?.destroy();
    this.#session = undefined;
  }

  #current(): ClientHttp2Session | undefined {
    if (this.#session !== undefined && !this.#session.closed && !this.#session.destroyed) return this.#session;
    if (this.#closed || performance.now() < this.#refusedUntilMs) return undefined;
    this.#session = this.#connect();
    return this.#session;
  }

  #connect(): ClientHttp2Session {
    const { connectTimeoutMs, tls } = this.#options;
    const session = connect(this.#origin, {
      settings: { enablePush: false, initialWindowSize: streamWindowBytes },
      maxSessionMemory: sessionMemoryMegabytes,
      peerMaxConcurrentStreams: 0xffffffff,
      ...(tls === undefined ? {} : { rejectUnauthorized: tls.rejectUnauthorized }),
    });
    const timer = setTimeout(
      () => session.destroy(new Error(`no connection in ${connectTimeoutMs} ms`)),
      connectTimeoutMs,
    );
    session.on("connect", () => {
      clearTimeout(timer);
      this.#backOffMs = firstBackOffMs;
      this.#lastFault = "";
      session.setLocalWindowSize(connectionWindowBytes);
    });
    session.on("error", (error) => {
      this.#lastFault = `endpoint picker ${this.#address}: ${messageOf(error)}`;
    });
    session.on("goaway", () => this.#forget(session));
    session.on("close", () => {
      clearTimeout(timer);
      this.#forget(session);
    });
    return session;
  }

  #forget(session: ClientHttp2Session): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    this.#refusedUntilMs = session.connecting || this.#lastFault !== "" ? performance.now() + this.#backOffMs : 0;
    this.#backOffMs = Math.min(longestBackOffMs, this.#backOffMs * 2);
  }
}

const first = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === "string" ? value : value?.[0];

/** One gRPC call over one HTTP/2 stream. */
class GrpcCall implements ExtprocStream {
  readonly #call: ClientHttp2Stream;
  readonly #reader: GrpcFrameReader;
  readonly #handler: ExtprocHandler;
  #over = false;

  constructor(call: ClientHttp2Stream, maxMessageBytes: Bytes, handler: ExtprocHandler, connectionFault: () => string) {
    this.#call = call;
    this.#reader = new GrpcFrameReader(maxMessageBytes);
    this.#handler = handler;
    call.on("response", (headers) => this.#onHeaders(headers));
    call.on("trailers", (trailers) => this.#onStatus(trailers));
    call.on("data", (chunk: Buffer) => this.#onData(chunk));
    call.on("drain", () => this.#over || handler.onDrain());
    call.on("error", (error) => this.#lose(connectionFault() || messageOf(error)));
    call.on("close", () => this.#lose(connectionFault() || `stream reset with HTTP/2 code ${call.rstCode}`));
  }

  send(payload: readonly Buffer[]): boolean {
    if (this.#over) return true;
    let length = 0;
    for (const part of payload) length += part.length;
    const call = this.#call;
    if (length <= copiedBytes) return call.write(Buffer.concat([frameHeader(length), ...payload]));
    call.cork();
    let writable = call.write(frameHeader(length));
    for (const part of payload) writable = call.write(part);
    call.uncork();
    return writable;
  }

  pause(): void {
    this.#call.pause();
  }

  resume(): void {
    this.#call.resume();
  }

  reset(code: "cancel" | "connect-error"): void {
    this.#over = true;
    if (this.#call.closed) return;
    // Node would send END_STREAM before the reset, and the picker would take that for an orderly end.
    this.#call._final = (done) => done();
    this.#call.close(code === "cancel" ? constants.NGHTTP2_CANCEL : constants.NGHTTP2_CONNECT_ERROR);
  }

  #onHeaders(headers: IncomingHttpHeaders & IncomingHttpStatusHeader): void {
    if (headers["grpc-status"] !== undefined) this.#onStatus(headers);
    else if (headers[":status"] !== 200) this.#fail(`HTTP status ${headers[":status"]} instead of a gRPC answer`);
  }

  #onStatus(headers: IncomingHttpHeaders): void {
    if (this.#over) return;
    const status = parseGrpcStatus(first(headers["grpc-status"])) ?? grpcStatus.UNKNOWN;
    this.#over = true;
    this.#handler.onEnd(status, decodeGrpcMessage(first(headers["grpc-message"]) ?? ""));
    if (!this.#call.closed) this.#call.close();
  }

  #onData(chunk: Buffer): void {
    this.#reader.push(chunk);
    for (let message = this.#reader.next(); message !== undefined && !this.#over; message = this.#reader.next()) {
      this.#handler.onMessage(message);
    }
    const { fault } = this.#reader;
    if (fault !== undefined) this.#fail(fault.message);
  }

  #fail(message: string): void {
    this.#lose(message);
    this.reset("connect-error");
  }

  #lose(message: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#handler.onLost(message);
  }
}
