import type { IncomingMessage, ServerResponse } from "node:http";
import { constants, Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import type { HeaderLines } from "#extproc";
import { linesOf, valueOf } from "../headers.ts";
import type { ClientHead } from "../request-head.ts";

/** Node's two kinds of response are alike but for their streams. */
export const isH2 = (response: ServerResponse | Http2ServerResponse): response is Http2ServerResponse =>
  "stream" in response;

const hasEncryption = (socket: object): boolean => "encrypted" in socket && socket.encrypted === true;

/** Reads the request line and headers of either protocol version; endOfStream when no body follows. */
export function readClientHead(request: IncomingMessage | Http2ServerRequest): {
  readonly head: ClientHead;
  readonly endOfStream: boolean;
} {
  const raw = linesOf(request.rawHeaders);
  const lines = raw.filter(([name]) => !name.startsWith(":"));
  const isHttp2 = request instanceof Http2ServerRequest;
  const declaresBody =
    valueOf(lines, "transfer-encoding") !== undefined || Number(valueOf(lines, "content-length") ?? 0) > 0;
  return {
    head: {
      method: request.method ?? "GET",
      path: request.url ?? "/",
      authority: valueOf(raw, ":authority") ?? valueOf(lines, "host") ?? "",
      scheme: hasEncryption(request.socket) ? "https" : "http",
      lines,
      remoteAddress: request.socket.remoteAddress?.replace(/^::ffff:/, "") ?? "127.0.0.1",
    },
    endOfStream: isHttp2 ? request.stream.endAfterHeaders : !declaresBody,
  };
}

/** The trailers that came after the body. */
export const trailersOf = (request: IncomingMessage | Http2ServerRequest): HeaderLines => linesOf(request.rawTrailers);

/** Ends a response so that no client can take it for whole. */
export function resetResponse(response: ServerResponse | Http2ServerResponse): void {
  if (isH2(response)) response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  else response.destroy();
}
