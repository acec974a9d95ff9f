import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CodedError, toError } from "#errors";
import type { Milliseconds } from "#units";
import { systemTimers } from "./clock.ts";
import { openEventStream, type EventClient } from "./event-stream.ts";

/** A whole answer. */
export type AdminReply = {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Uint8Array;
  /** Quoted, as in the ETag header. Whoever has this version already gets 304 without the body. */
  readonly etag?: string;
  /** Beside those that every answer has, or instead of them (lower case). */
  readonly headers?: Readonly<Record<string, string>>;
};

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

/** One path whose answer is Server-Sent Events for as long as the client stays. GET only. */
export type AdminEventRoute = {
  /** @returns false when there is no room for another client, who then gets 503 */
  open(client: EventClient): boolean;
};

export type AdminServerOptions = {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** By exact path, such as `/metrics`. */
  readonly routes: ReadonlyMap<string, AdminRoute>;
  /** By exact path; none of `routes`. */
  readonly events?: ReadonlyMap<string, AdminEventRoute>;
  /** A handler threw; the client got a 500 without details. */
  readonly onError?: (path: string, error: Error) => void;
};

/** A listening server. */
export interface AdminServer {
  readonly port: number;
  /** Stops listening, ends idle connections and event streams, lets answers in progress finish for at most `graceMs` (2000 unless given). */
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

const onEveryAnswer = { "cache-control": "no-store", "x-content-type-options": "nosniff" } as const;

function send({ request, response }: Exchange, reply: AdminReply): void {
  const { status, contentType, etag, headers } = reply;
  const all = { ...onEveryAnswer, ...headers, ...(etag !== undefined && { etag }) };
  if (etag !== undefined && request.headers["if-none-match"] === etag) {
    response.writeHead(304, all).end();
    return;
  }
  const body = typeof reply.body === "string" ? Buffer.from(reply.body) : reply.body;
  response.writeHead(status, { ...all, "content-type": contentType, "content-length": body.byteLength });
  response.end(request.method === "HEAD" ? undefined : body);
}

type Handlers = ReadonlyMap<string, AdminRoute["handle"]>;

const split = ({ url = "" }: IncomingMessage): readonly [path: string, search: string | undefined] => {
  const [path = "", search] = url.split("?", 2);
  return [path, search];
};

async function answer(request: IncomingMessage, handlers: Handlers): Promise<AdminReply> {
  const [path, search] = split(request);
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

async function respond(exchange: Exchange, { handlers, onError, isClosing }: Responder): Promise<void> {
  const { request, response } = exchange;
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
  send(exchange, reply);
}

/** @returns whether the path is one of events, and the request is thereby answered */
function respondWithEvents(
  exchange: Exchange,
  events: ReadonlyMap<string, AdminEventRoute>,
  open: Set<ServerResponse>,
): boolean {
  const { request, response } = exchange;
  const route = events.get(split(request)[0]);
  if (route === undefined) return false;
  request.resume();
  if (request.method !== "GET") {
    response.setHeader("allow", "GET");
    send(exchange, jsonReply(405, { error: "method not allowed" }));
  } else if (route.open(openEventStream(response))) {
    open.add(response);
    response.once("close", () => open.delete(response));
  } else {
    send(exchange, { ...jsonReply(503, { error: "no room for another client" }), headers: { "retry-after": "5" } });
  }
  return true;
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
export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const { host, port, routes, events = new Map<string, AdminEventRoute>(), onError } = options;
  const streams = new Set<ServerResponse>();
  const handlers: Handlers = new Map(
    [...routes].map(([path, route]) => [
      path,
      route.singleFlight === true ? singleFlight(route) : route.handle.bind(route),
    ]),
  );
  const server = createServer(
    { maxHeaderSize: maxHeaderBytes, headersTimeout: 5_000, requestTimeout: 10_000, keepAliveTimeout: 75_000 },
    (request, response) => {
      const exchange = { request, response };
      if (respondWithEvents(exchange, events, streams)) return;
      void respond(exchange, { handlers, onError, isClosing: () => !server.listening });
    },
  );
  await listen(server, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    close: (graceMs = 2_000) => {
      const closed = close(server, graceMs);
      for (const stream of streams) stream.end();
      return closed;
    },
  };
}
