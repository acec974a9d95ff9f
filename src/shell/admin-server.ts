import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CodedError, toError } from "#errors";
import type { Milliseconds } from "#units";
import { systemTimers } from "./clock.ts";

/** A whole answer. */
export type AdminReply = { readonly status: number; readonly contentType: string; readonly body: string | Uint8Array };

/** One path. GET and HEAD only. */
export type AdminRoute = {
  /** @param accept the Accept header; undefined without one */
  handle(query: URLSearchParams, accept: string | undefined): AdminReply | Promise<AdminReply>;
  /**
   * Requests with the same Accept header that come while an answer is being made get that answer: for /metrics, so that
   * renderings never pile up.
   */
  readonly singleFlight?: boolean;
};

export type AdminServerOptions = {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** By exact path, such as `/metrics`. */
  readonly routes: ReadonlyMap<string, AdminRoute>;
  /** A handler threw; the client got a 500 without details. */
  readonly onError?: (path: string, error: Error) => void;
};

/** A listening server. */
export interface AdminServer {
  readonly port: number;
  /** Stops listening, ends idle connections, lets answers in progress finish for at most `graceMs` (2000 unless given). */
  close(graceMs?: Milliseconds): Promise<void>;
}

/** The port could not be opened. */
export class ListenError extends CodedError<{
  readonly code: "LISTEN_FAILED";
  readonly host: string;
  readonly port: number;
}> {
  constructor(host: string, port: number, cause: Error) {
    super({ code: "LISTEN_FAILED", host, port }, `cannot listen on ${host}:${port}: ${cause.message}`, { cause });
  }
}

const maxHeaderBytes = 8192;

/** An answer whose body is one JSON document. */
export const jsonReply = (status: number, value: unknown): AdminReply => ({
  status,
  contentType: "application/json",
  body: `${JSON.stringify(value)}\n`,
});

/** Makes calls that overlap and accept the same share one execution. */
function singleFlight(route: AdminRoute): AdminRoute["handle"] {
  const running = new Map<string | undefined, Promise<AdminReply>>();
  return (query, accept) => {
    const known = running.get(accept);
    if (known !== undefined) return known;
    const started = (async () => route.handle(query, accept))().finally(() => running.delete(accept));
    running.set(accept, started);
    return started;
  };
}

function send(response: ServerResponse, reply: AdminReply, isHead: boolean): void {
  const body = typeof reply.body === "string" ? Buffer.from(reply.body) : reply.body;
  response.writeHead(reply.status, {
    "content-type": reply.contentType,
    "content-length": body.byteLength,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.end(isHead ? undefined : body);
}

type Handlers = ReadonlyMap<string, AdminRoute["handle"]>;

async function answer(request: IncomingMessage, handlers: Handlers): Promise<AdminReply> {
  const [path = "", search] = (request.url ?? "").split("?", 2);
  const handle = handlers.get(path);
  if (handle === undefined) return jsonReply(404, { error: "not found" });
  if (request.method !== "GET" && request.method !== "HEAD") return jsonReply(405, { error: "method not allowed" });
  return handle(new URLSearchParams(search), request.headers.accept);
}

type Responder = {
  readonly handlers: Handlers;
  readonly onError: AdminServerOptions["onError"];
  /** A connection is then not kept for another request. */
  readonly isClosing: () => boolean;
};
type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse };

async function respond({ request, response }: Exchange, { handlers, onError, isClosing }: Responder): Promise<void> {
  request.resume();
  let reply: AdminReply;
  try {
    reply = await answer(request, handlers);
  } catch (error) {
    onError?.(request.url ?? "", toError(error));
    reply = jsonReply(500, { error: "internal error" });
  }
  if (isClosing()) response.setHeader("connection", "close");
  if (reply.status === 405) response.setHeader("allow", "GET, HEAD");
  send(response, reply, request.method === "HEAD");
}

const listen = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", (error) => reject(new ListenError(host, port, error)));
    server.listen({ host, port }, resolve);
  });

const close = (server: Server, graceMs: Milliseconds): Promise<void> =>
  new Promise((resolve) => {
    const cancel = systemTimers.after(graceMs, () => server.closeAllConnections());
    server.close(() => {
      cancel();
      resolve();
    });
  });

/**
 * Serves metrics, health and debug pages over HTTP/1.1.
 * @throws ListenError when the port cannot be opened
 */
export async function startAdminServer({ host, port, routes, onError }: AdminServerOptions): Promise<AdminServer> {
  const handlers: Handlers = new Map(
    [...routes].map(([path, route]) => [
      path,
      route.singleFlight === true ? singleFlight(route) : route.handle.bind(route),
    ]),
  );
  const server = createServer(
    { maxHeaderSize: maxHeaderBytes, headersTimeout: 5_000, requestTimeout: 10_000, keepAliveTimeout: 75_000 },
    (request, response) =>
      void respond({ request, response }, { handlers, onError, isClosing: () => !server.listening }),
  );
  await listen(server, host, port);
  return { port: (server.address() as AddressInfo).port, close: (graceMs = 2_000) => close(server, graceMs) };
}
