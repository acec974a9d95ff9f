import { createSecureServer, createServer, type Http2SecureServer, type Http2Server, type Settings } from "node:http2";
import { type AddressInfo, Server, type Socket } from "node:net";
import { setImmediate as immediate } from "node:timers/promises";
import { CodedError, messageOf } from "#errors";
import type { Bytes, Milliseconds } from "#units";
import type { CertificatePair, Listen, Transport, TransportOptions } from "./contract.ts";
import { type ConnectionOwner, Http2Connection } from "./http2-connection.ts";
import { type Method, methodsOf } from "./methods.ts";

/** The port could not be opened. */
export class ListenError extends CodedError<{
  readonly code: "TRANSPORT_LISTEN";
  readonly host: string;
  readonly port: number;
}> {}

/** What a stalled stream can make us hold of its input. */
const streamWindowBytes: Bytes = 256 * 1024;
/** A dead peer is noticed after one to two of these. */
const defaultKeepAliveMs: Milliseconds = 30_000;
/** Envoy resets every stream when its exchange is over, so resets are no sign of an attack. */
const resetBurst = 1_000_000;
const resetsPerSecond = 1_000_000;
const minHeaderPairs = 128;
/** Immediates that a Trailers frame takes from abort to socket. */
const trailerTurns = 3;

type AnyServer = Http2Server | Http2SecureServer;

function createFor(options: TransportOptions): AnyServer {
  const settings: Settings = {
    enablePush: false,
    initialWindowSize: streamWindowBytes,
    maxConcurrentStreams: options.maxConcurrentStreams,
    maxHeaderListSize: options.maxMetadataBytes,
  };
  const protections = {
    settings,
    maxHeaderListPairs: Math.max(minHeaderPairs, Math.ceil(options.maxMetadataBytes / 32)),
    maxSessionInvalidFrames: 10_000,
    maxSessionRejectedStreams: 1_000_000,
    // Megabytes. Bounded by the stream windows already; a small limit would end busy connections.
    maxSessionMemory: 4096,
    streamResetBurst: resetBurst,
    streamResetRate: resetsPerSecond,
  };
  if (options.tls === undefined) return createServer(protections);
  const { certificate, key } = options.tls;
  return createSecureServer({ ...protections, cert: certificate, key, minVersion: "TLSv1.2" });
}

class Http2Transport implements Transport, ConnectionOwner {
  readonly port: number;
  readonly #server: AnyServer;
  readonly #sockets = new Set<Socket>();
  readonly #connections = new Set<Http2Connection>();
  readonly #keepAlive: NodeJS.Timeout;
  #closing: Promise<void> | undefined = undefined;
  #draining: PromiseWithResolvers<void> | undefined = undefined;

  constructor(
    server: AnyServer,
    options: TransportOptions,
    methods: ReadonlyMap<string, Method>,
    keepAliveMs: Milliseconds,
  ) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on("error", (error: Error) => options.onError?.(error));
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    server.on("session", (session) => {
      const connection = new Http2Connection(session, this, methods, options);
      this.#connections.add(connection);
      if (this.#closing !== undefined) connection.drain();
    });
    // In an immediate, so that answers that came while the loop was busy are read first.
    this.#keepAlive = setInterval(() => setImmediate(() => this.#checkAlive()), keepAliveMs);
    this.#keepAlive.unref();
  }

  get openStreams(): number {
    let open = 0;
    for (const connection of this.#connections) open += connection.openStreams;
    return open;
  }

  setCertificate(pair: CertificatePair): void {
    if (!("setSecureContext" in this.#server)) throw new Error("setCertificate on a plaintext transport");
    this.#server.setSecureContext({ cert: pair.certificate, key: pair.key, minVersion: "TLSv1.2" });
  }

  async drain(graceMs: Milliseconds): Promise<void> {
    void this.#stopListening();
    this.#draining ??= Promise.withResolvers<void>();
    for (const connection of this.#connections) connection.drain();
    this.#settle();
    const timer = setTimeout(() => void this.#abortRest(), graceMs);
    await this.#draining.promise;
    clearTimeout(timer);
  }

  async close(): Promise<void> {
    const closed = this.#stopListening();
    for (const connection of this.#connections) connection.destroy();
    this.#draining?.resolve();
    await immediate();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  progressed(connection: Http2Connection): void {
    if (connection.closed) this.#connections.delete(connection);
    if (this.#draining !== undefined) this.#settle();
  }

  #checkAlive(): void {
    for (const connection of this.#connections) connection.checkAlive();
  }

  #settle(): void {
    for (const connection of this.#connections) if (!connection.drained) return;
    this.#draining?.resolve();
  }

  async #abortRest(): Promise<void> {
    for (const connection of this.#connections) connection.abort();
    for (let turn = 0; turn < trailerTurns; turn++) await immediate();
    this.#draining?.resolve();
  }

  /** Not the HTTP/2 server's own close: that would send each connection its last GOAWAY without warning. */
  #stopListening(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      clearInterval(this.#keepAlive);
      Server.prototype.close.call(this.#server, () => resolve());
    });
    return this.#closing;
  }
}

/** A {@link Listen} on node:http2. @param keepAliveMs time between PINGs; a peer that answers none within it is given up */
export function http2Listener(keepAliveMs: Milliseconds): Listen {
  return async (options) => {
    const { host, port } = options;
    try {
      const server = createFor(options);
      const methods = methodsOf(options.services);
      return await new Promise<Transport>((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, host, () => {
          server.off("error", reject);
          resolve(new Http2Transport(server, options, methods, keepAliveMs));
        });
      });
    } catch (cause) {
      throw new ListenError(
        { code: "TRANSPORT_LISTEN", host, port },
        `cannot listen on ${host}:${port}: ${messageOf(cause)}`,
        { cause },
      );
    }
  };
}

/** gRPC over node:http2: prior knowledge without TLS, ALPN h2 with it. */
export const listenHttp2: Listen = http2Listener(defaultKeepAliveMs);
