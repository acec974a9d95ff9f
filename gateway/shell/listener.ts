import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from "node:http";
import {
  createServer as createHttp2Server,
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from "node:http2";
import { createServer as createNetServer, type Server, type Socket } from "node:net";
import { CodedError, messageOf } from "#errors";
import { hostPortOf } from "#pool";
import type { Bytes, Milliseconds } from "#units";

/** A request of either protocol version. */
export type OnRequest = (
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
) => void;

export type ListenerOptions = {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Undefined: plaintext, both HTTP/1.1 and HTTP/2 with prior knowledge. */
  readonly tls: { readonly certificate: string; readonly key: string } | undefined;
  readonly maxHeaderBytes: Bytes;
  readonly maxConcurrentStreams: number;
};

/** The port could not be opened. */
export class GatewayListenError extends CodedError<{ readonly code: "GATEWAY_LISTEN"; readonly address: string }> {}

/** A connection that has not said within this time which protocol it speaks is closed. */
const prefaceTimeoutMs: Milliseconds = 60_000;
/** The first bytes of the HTTP/2 preface; no HTTP/1 method begins with them. */
const preface = "PRI";
/** Node counts what all streams of a connection hold against this. */
const sessionMemoryMegabytes = 256;

/** An open port and the connections on it. */
export class Listener {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** No new connections from now on; those that are open stay. */
  stopAccepting(): void {
    this.#server.close();
  }

  closeConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

function http2Settings({ maxHeaderBytes, maxConcurrentStreams }: ListenerOptions) {
  return {
    maxSessionMemory: sessionMemoryMegabytes,
    settings: { maxHeaderListSize: maxHeaderBytes, maxConcurrentStreams },
  };
}

/** Looks at the first bytes of a connection and hands it to the server of its protocol, with those bytes put back. */
function sniff(socket: Socket, http1: HttpServer, http2: ReturnType<typeof createHttp2Server>): void {
  socket.setTimeout(prefaceTimeoutMs, () => socket.destroy());
  const look = (): void => {
    const bytes = socket.read() as Buffer | null;
    if (bytes === null) {
      socket.once("readable", look);
      return;
    }
    socket.unshift(bytes);
    const start = bytes.toString("latin1", 0, preface.length);
    if (start.length < preface.length && preface.startsWith(start)) {
      socket.once("readable", look);
      return;
    }
    socket.setTimeout(0);
    socket.removeAllListeners("timeout");
    (start === preface ? http2 : http1).emit("connection", socket);
  };
  look();
}

function plaintext(options: ListenerOptions, onRequest: OnRequest): Server {
  const http1 = createHttpServer({ maxHeaderSize: options.maxHeaderBytes, keepAliveTimeout: 75_000 }, onRequest);
  const http2 = createHttp2Server(http2Settings(options), onRequest);
  http2.on("sessionError", () => undefined);
  http1.on("clientError", (_, socket) => socket.destroy());
  return createNetServer({ noDelay: true, allowHalfOpen: true }, (socket) => sniff(socket, http1, http2));
}

function encrypted(options: ListenerOptions, tls: NonNullable<ListenerOptions["tls"]>, onRequest: OnRequest): Server {
  const server = createSecureServer(
    { ...http2Settings(options), key: tls.key, cert: tls.certificate, allowHTTP1: true },
    onRequest,
  );
  server.on("sessionError", () => undefined);
  server.on("tlsClientError", () => undefined);
  return server;
}

/**
 * Opens the port for both protocol versions.
 * @throws GatewayListenError where it cannot be opened
 */
export function listen(options: ListenerOptions, onRequest: OnRequest): Promise<Listener> {
  const server = options.tls === undefined ? plaintext(options, onRequest) : encrypted(options, options.tls, onRequest);
  const listener = new Listener(server);
  const address = hostPortOf(options.host, options.port);
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      reject(new GatewayListenError({ code: "GATEWAY_LISTEN", address }, `${address}: ${messageOf(cause)}`, { cause }));
    });
    server.listen({ host: options.host, port: options.port, backlog: 4096 }, () => resolve(listener));
  });
}
