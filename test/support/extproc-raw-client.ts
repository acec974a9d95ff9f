/** An ext-proc client that may say anything: whole messages, damaged ones, and every way to leave a stream. */
import { connect, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from "node:http2";
import {
  decodeProcessingResponse,
  encodeProcessingRequest,
  type OutgoingRequest,
  type ReceivedResponse,
} from "#extproc";
import { decodeGrpcMessage, frameHeader, GrpcFrameReader } from "#grpc";

export const processPath = "/envoy.service.ext_proc.v3.ExternalProcessor/Process";

/** How a stream was over. */
export type StreamEnd = {
  /** Undefined where no headers came. */
  readonly httpStatus: number | undefined;
  readonly grpcStatus: number | undefined;
  readonly grpcMessage: string;
  /** Code of the RST_STREAM that ended it; 0 for none. */
  readonly rstCode: number;
};

/** A connection without TLS. Errors of it are not thrown: its streams tell how they ended. */
export function openConnection(port: number): ClientHttp2Session {
  const session = connect(`http://127.0.0.1:${port}`, {
    settings: { enablePush: false, initialWindowSize: 1 << 20 },
    peerMaxConcurrentStreams: 100_000,
    maxSessionMemory: 1000,
    // What a client may send in headers, so that the picker's own limit is what ends it.
    maxSendHeaderBlockLength: 4 << 20,
  });
  session.on("error", () => undefined);
  return session;
}

/** A message with its gRPC prefix. */
export const framed = (message: Buffer): Buffer => Buffer.concat([frameHeader(message.length), message]);

/** One stream to the picker. */
export class RawStream {
  readonly replies: ReceivedResponse[] = [];
  readonly over: Promise<StreamEnd>;
  readonly #call: ClientHttp2Stream;
  readonly #reader = new GrpcFrameReader(64 * 2 ** 20);
  readonly #waiting: { readonly isSo: () => boolean; readonly tell: (isSo: boolean) => void }[] = [];
  #headers: IncomingHttpHeaders & { ":status"?: number | undefined } = {};
  #trailers: IncomingHttpHeaders = {};
  #isOver = false;
  #onFlushed: (() => void) | undefined;

  constructor(session: ClientHttp2Session, headers: Readonly<Record<string, string>> = {}) {
    const call = session.request({
      ":method": "POST",
      ":path": processPath,
      "content-type": "application/grpc",
      te: "trailers",
      ...headers,
    });
    this.#call = call;
    call.on("response", (received: IncomingHttpHeaders) => (this.#headers = received));
    call.on("trailers", (received) => (this.#trailers = received));
    call.on("data", (chunk: Buffer) => this.#onData(chunk));
    call.on("error", () => undefined);
    call.on("drain", () => this.#onFlushed?.());
    this.over = new Promise((resolve) => {
      call.on("close", () => {
        this.#isOver = true;
        this.#onFlushed?.();
        this.#tellWaiting();
        resolve(this.#end());
      });
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Sends one message. */
  say(message: OutgoingRequest | Buffer): this {
    return this.write(framed(Buffer.isBuffer(message) ? message : encodeProcessingRequest(message)));
  }

  /** Sends bytes as they are. */
  write(bytes: Buffer): this {
    if (!this.#call.closed && !this.#call.destroyed && !this.#call.writableEnded) this.#call.write(bytes);
    return this;
  }

  /** Resolves once what was written has left, or the stream is over. */
  async flushed(): Promise<void> {
    while (!this.#isOver && this.#call.writableNeedDrain) {
      await new Promise<void>((resolve) => (this.#onFlushed = resolve));
    }
  }

  /** Half-closes: there will be no more from this side. */
  halfClose(): this {
    if (!this.#call.destroyed) this.#call.end();
    return this;
  }

  /** RST_STREAM with a code of HTTP/2. */
  reset(code: number): void {
    const call = this.#call;
    if (call.destroyed) return;
    // Node never closes a stream that the peer ended while a reset with NO_ERROR was on its way.
    call.once("end", () => setImmediate(() => call.destroy()));
    call.close(code);
  }

  /** True once the replies are as wished; false when the stream is over before. */
  until(isSo: (replies: readonly ReceivedResponse[]) => boolean): Promise<boolean> {
    if (isSo(this.replies)) return Promise.resolve(true);
    if (this.#isOver) return Promise.resolve(false);
    return new Promise((tell) => this.#waiting.push({ isSo: () => isSo(this.replies), tell }));
  }

  #onData(chunk: Buffer): void {
    this.#reader.push(chunk);
    for (let message = this.#reader.next(); message !== undefined; message = this.#reader.next()) {
      this.replies.push(decodeProcessingResponse(Buffer.from(message)));
    }
    this.#tellWaiting();
  }

  #tellWaiting(): void {
    for (let i = this.#waiting.length - 1; i >= 0; i--) {
      const { isSo, tell } = this.#waiting[i]!;
      const isNow = isSo();
      if (!isNow && !this.#isOver) continue;
      this.#waiting.splice(i, 1);
      tell(isNow);
    }
  }

  #end(): StreamEnd {
    const status = this.#trailers["grpc-status"] ?? this.#headers["grpc-status"];
    const message = this.#trailers["grpc-message"] ?? this.#headers["grpc-message"];
    return {
      httpStatus: this.#headers[":status"],
      grpcStatus: typeof status === "string" ? Number(status) : undefined,
      grpcMessage: decodeGrpcMessage(typeof message === "string" ? message : ""),
      rstCode: this.#call.rstCode ?? 0,
    };
  }
}
