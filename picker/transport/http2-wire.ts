import type { OutgoingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { encodeGrpcMessage, frameHeader, frameHeaderBytes, type GrpcStatus, writeFrameHeader } from "#grpc";
import type { Bytes } from "#units";

/** Up to here one copied buffer is cheaper than several writes. */
const copiedBytes: Bytes = 8 * 1024;
/** Keeps trailers below every peer's header limit. */
const maxMessageText = 1024;
const responseHeaders: OutgoingHttpHeaders = { ":status": 200, "content-type": "application/grpc" };
const withTrailers = { waitForTrailers: true, sendDate: false } as const;
const withoutBody = { endStream: true, sendDate: false } as const;

/** The trailers of a call. */
export function trailersOf(status: GrpcStatus, message: string | undefined): OutgoingHttpHeaders {
  if (message === undefined || message === "") return { "grpc-status": status };
  return { "grpc-status": status, "grpc-message": encodeGrpcMessage(message.slice(0, maxMessageText)) };
}

/** Opens the reply of a call; trailers will follow its messages. */
export const respond = (stream: ServerHttp2Stream): void => stream.respond(responseHeaders, withTrailers);

/** Ends a stream that has sent nothing: headers that are trailers at once. */
export const respondTrailersOnly = (stream: ServerHttp2Stream, trailers: OutgoingHttpHeaders): void =>
  stream.respond({ ...responseHeaders, ...trailers }, withoutBody);

/** Ends a stream with a plain HTTP status. */
export const respondStatus = (stream: ServerHttp2Stream, status: number): void =>
  stream.respond({ ":status": status }, withoutBody);

/** Writes one message of `length` bytes; `flushed` is called when it has left. */
export function writeMessage(
  stream: ServerHttp2Stream,
  payload: readonly Buffer[],
  length: Bytes,
  flushed: (() => void) | undefined,
): void {
  if (length <= copiedBytes) {
    const frame = Buffer.allocUnsafe(frameHeaderBytes + length);
    let at = writeFrameHeader(frame, 0, length);
    for (let i = 0; i < payload.length; i++) at += payload[i]!.copy(frame, at);
    stream.write(frame, flushed);
    return;
  }
  stream.cork();
  stream.write(frameHeader(length));
  const last = payload.length - 1;
  for (let i = 0; i < last; i++) stream.write(payload[i]);
  stream.write(payload[last], flushed);
  stream.uncork();
}
