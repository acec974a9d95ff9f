import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { toError } from "#errors";
import { frameHeaderBytes, GrpcFrameReader, type GrpcStatus, grpcStatus } from "#grpc";
import type { Milliseconds } from "#units";
import type {
  CloseCause,
  StreamAcceptor,
  StreamHandler,
  StreamOpening,
  StreamPeer,
  TransportOptions,
} from "./contract.ts";
import { respond, respondTrailersOnly, trailersOf, writeMessage } from "./http2-wire.ts";

/** Limits and hooks that one call needs of its server. */
export type CallOptions = Pick<TransportOptions, "maxMessageBytes" | "maxUnsentBytes" | "onError">;

/** What a call needs of its connection. */
export interface CallOwner {
  readonly lost: boolean;
  callClosed(call: Http2Call): void;
}

const maxTimerMs = 2 ** 31 - 1;

const callOf = Symbol("call");
type CallStream = ServerHttp2Stream & { [callOf]: Http2Call };

/** One gRPC call on one HTTP/2 stream. */
export class Http2Call implements StreamPeer {
  readonly #stream: ServerHttp2Stream;
  readonly #owner: CallOwner;
  readonly #options: CallOptions;
  readonly #reader: GrpcFrameReader;
  #handler: StreamHandler | undefined = undefined;
  /** open → ending (end was called) → closed (onClose was called). */
  #phase: "open" | "ending" | "closed" = "open";
  /** What the peer still may say: more, nothing but unread messages, nothing that is not told. */
  #input: "open" | "ended" | "told" = "open";
  #paused = false;
  #trailers: OutgoingHttpHeaders | undefined = undefined;
  #trailersSent = false;
  #timer: NodeJS.Timeout | undefined = undefined;
  #flushed: (() => void) | undefined = undefined;

  constructor(stream: ServerHttp2Stream, owner: CallOwner, options: CallOptions) {
    this.#stream = stream;
    this.#owner = owner;
    this.#options = options;
    this.#reader = new GrpcFrameReader(options.maxMessageBytes);
    (stream as CallStream)[callOf] = this;
  }

  /** Makes the handler and begins to read. */
  open(accept: StreamAcceptor, opening: StreamOpening): void {
    const stream = this.#stream;
    stream.on("wantTrailers", onWantTrailers);
    stream.on("aborted", onAborted);
    stream.on("close", onStreamClose);
    if (opening.timeoutMs !== undefined) this.#startTimer(opening.timeoutMs);
    try {
      this.#handler = accept(this, opening);
    } catch (error) {
      this.#bug(error);
    }
    stream.on("end", onEnd);
    stream.on("data", onData);
  }

  send(payload: readonly Buffer[]): boolean {
    const stream = this.#stream;
    if (this.#phase !== "open" || stream.destroyed || stream.closed) return false;
    if (!stream.headersSent) respond(stream);
    let length = 0;
    for (let i = 0; i < payload.length; i++) length += payload[i]!.length;
    const fits = stream.writableLength + frameHeaderBytes + length <= this.#options.maxUnsentBytes;
    const flushed = fits ? undefined : (this.#flushed ??= () => this.#onFlushed());
    writeMessage(stream, payload, length, flushed);
    if (fits) return true;
    if (!this.#paused) {
      this.#paused = true;
      stream.pause();
    }
    return false;
  }

  end(status: GrpcStatus, message?: string): void {
    if (this.#phase !== "open") return;
    this.#phase = "ending";
    this.#finishSending(trailersOf(status, message));
  }

  /** Gives the call up: the handler hears `cause` now, the peer gets the status as soon as it reads. */
  abort(status: GrpcStatus, message: string, cause: CloseCause = { kind: "aborted", status, message }): void {
    if (this.#phase === "closed") return;
    const ending = this.#phase === "ending";
    this.#close(cause);
    if (!ending) this.#finishSending(trailersOf(status, message));
  }

  onData(chunk: Buffer): void {
    if (this.#phase !== "open") return;
    this.#reader.push(chunk);
    this.#deliver();
  }

  onEnd(): void {
    if (this.#stream.closed) return this.#onReset();
    if (this.#input === "open") this.#input = "ended";
    this.#tellHalfClose();
  }

  /** A reset ends the readable side too. With NO_ERROR and unsent replies nothing else would end the stream. */
  #onReset(): void {
    if (!this.#stream.writableFinished) this.#stream.destroy();
  }

  /** The peer reset the stream before we ended it, or the connection is gone. */
  onAborted(): void {
    this.#stream.destroy();
  }

  onWantTrailers(): void {
    this.#trailersSent = true;
    this.#stream.sendTrailers(this.#trailers ?? trailersOf(grpcStatus.INTERNAL, undefined));
    // sendTrailers submits in an immediate of its own, before this one.
    if (this.#input === "open") setImmediate(closeQuietly, this.#stream);
  }

  onStreamClose(): void {
    clearTimeout(this.#timer);
    this.#owner.callClosed(this);
    if (this.#phase !== "closed") this.#close(this.#cause());
  }

  #cause(): CloseCause {
    if (this.#trailersSent) return { kind: "ended" };
    if (this.#owner.lost) return { kind: "connection-lost" };
    const code = this.#stream.rstCode;
    if (code === constants.NGHTTP2_NO_ERROR || code === constants.NGHTTP2_CANCEL) return { kind: "cancelled" };
    return { kind: "reset", http2Code: code };
  }

  /** Hands over what has been received, as far as the peer takes the replies. */
  #deliver(): void {
    const stream = this.#stream;
    stream.cork();
    try {
      while (this.#phase === "open" && !this.#paused) {
        const message = this.#reader.next();
        if (message === undefined) break;
        this.#handler!.onMessage(message);
      }
    } catch (error) {
      this.#bug(error);
    }
    const fault = this.#reader.fault;
    if (fault !== undefined && this.#phase === "open") this.abort(fault.status, fault.message);
    stream.uncork();
  }

  #tellHalfClose(): void {
    if (this.#input !== "ended" || this.#phase !== "open" || this.#paused) return;
    this.#input = "told";
    if (!this.#reader.atBoundary) return this.abort(grpcStatus.INTERNAL, "the peer ended the call within a message");
    try {
      this.#handler!.onHalfClose();
    } catch (error) {
      this.#bug(error);
    }
  }

  #onFlushed(): void {
    if (!this.#paused || this.#phase !== "open" || this.#stream.destroyed) return;
    if (this.#stream.writableLength > this.#options.maxUnsentBytes) return;
    this.#paused = false;
    this.#deliver();
    if (this.#paused) return;
    this.#tellHalfClose();
    this.#stream.resume();
  }

  #finishSending(trailers: OutgoingHttpHeaders): void {
    const stream = this.#stream;
    if (stream.destroyed || stream.closed) return;
    this.#trailers = trailers;
    if (stream.headersSent) {
      stream.end();
    } else {
      this.#trailersSent = true;
      respondTrailersOnly(stream, trailers);
      if (this.#input === "open") setImmediate(closeQuietly, stream);
    }
    // What still comes is read and dropped, so that the stream can end.
    stream.resume();
  }

  #startTimer(timeoutMs: Milliseconds): void {
    this.#timer = setTimeout(() => this.#onDeadline(), Math.min(timeoutMs, maxTimerMs));
  }

  #onDeadline(): void {
    const blocked = this.#stream.writableLength > 0;
    this.abort(grpcStatus.DEADLINE_EXCEEDED, "deadline exceeded", { kind: "deadline" });
    if (blocked) this.#stream.close(constants.NGHTTP2_CANCEL);
  }

  #bug(error: unknown): void {
    this.#options.onError?.(toError(error));
    this.abort(grpcStatus.INTERNAL, "internal error");
  }

  #close(cause: CloseCause): void {
    this.#phase = "closed";
    const handler = this.#handler;
    this.#handler = undefined;
    try {
      handler?.onClose(cause);
    } catch (error) {
      this.#options.onError?.(toError(error));
    }
  }
}

const closeQuietly = (stream: ServerHttp2Stream): void => stream.close(constants.NGHTTP2_NO_ERROR);

// One set of listeners for all streams: no closure per stream.
function onData(this: CallStream, chunk: Buffer): void {
  this[callOf].onData(chunk);
}
function onEnd(this: CallStream): void {
  this[callOf].onEnd();
}
function onAborted(this: CallStream): void {
  this[callOf].onAborted();
}
function onWantTrailers(this: CallStream): void {
  this[callOf].onWantTrailers();
}
function onStreamClose(this: CallStream): void {
  this[callOf].onStreamClose();
}
