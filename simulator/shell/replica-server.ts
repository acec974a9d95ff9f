import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CodedError, messageOf } from "#errors";
import type { Bytes, Milliseconds } from "#units";
import { problemBody } from "../api/problem.ts";
import { answerCall } from "../front.ts";
import type { Replica } from "../replica.ts";
import { httpSink } from "./http-sink.ts";

/** Longer than the clients' own limits, so that they are the ones who close. */
const keepAliveMs: Milliseconds = 75_000;

/** A replica could not listen. */
export class SimulatorListenError extends CodedError<{
  readonly code: "SIMULATOR_LISTEN";
  readonly host: string;
  readonly port: number;
}> {}

export type ReplicaServerOptions = {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly maxBodyBytes: Bytes;
  readonly maxUnreadBytes: Bytes;
  readonly nowMs: () => Milliseconds;
};

/** Undefined where the body is longer than allowed. Rejects when the client goes away. */
async function readBody(request: IncomingMessage, maxBytes: Bytes): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
  }
  return bytes <= maxBytes ? Buffer.concat(chunks).toString("utf8") : undefined;
}

/** A replica on a socket, and the timer that moves it on. */
export class ReplicaServer {
  readonly name: string;
  readonly replica: Replica;
  readonly #options: ReplicaServerOptions;
  readonly #server: Server;
  #timer: NodeJS.Timeout | undefined;
  #timerAtMs: Milliseconds = Infinity;
  #isClosing = false;

  constructor(replica: Replica, options: ReplicaServerOptions) {
    this.name = options.name;
    this.replica = replica;
    this.#options = options;
    this.#server = createServer((request, response) => void this.#onRequest(request, response));
    this.#server.keepAliveTimeout = keepAliveMs;
    this.#server.requestTimeout = 0;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Rejects with SIMULATOR_LISTEN where the port cannot be had. */
  listen(): Promise<void> {
    const { host, port } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once("error", (cause) =>
      reject(
        new SimulatorListenError(
          { code: "SIMULATOR_LISTEN", host, port },
          `${this.name} cannot listen on ${host}:${port}: ${messageOf(cause)}`,
          { cause },
        ),
      ),
    );
    this.#server.listen(port, host, resolve);
    return promise;
  }

  /** Lets what is running finish, then closes. New connections are refused at once. */
  drain(): Promise<void> {
    this.#isClosing = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => {
      clearTimeout(this.#timer);
      resolve();
    });
    return promise;
  }

  /** Cuts every connection. */
  close(): Promise<void> {
    const closed = this.drain();
    this.#server.closeAllConnections();
    return closed;
  }

  /** Sends what is due and sets the timer for what comes next. */
  advance(): void {
    this.replica.advance();
    this.#arm();
  }

  #arm(): void {
    const atMs = this.replica.nextEventAtMs();
    if (atMs === undefined) return;
    if (atMs >= this.#timerAtMs) return;
    clearTimeout(this.#timer);
    this.#timerAtMs = atMs;
    // Whole milliseconds, rounded up: a timer that fires early would find nothing to do.
    this.#timer = setTimeout(
      () => {
        this.#timerAtMs = Infinity;
        this.advance();
      },
      Math.max(0, Math.ceil(atMs - this.#options.nowMs())),
    );
  }

  async #onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader("x-inference-pod", this.name);
    response.setHeader("x-inference-port", this.port);
    const requestId = request.headers["x-request-id"];
    if (requestId !== undefined) response.setHeader("x-request-id", requestId);
    if (this.#isClosing) response.setHeader("connection", "close");
    // A request that breaks off in its body has nobody to answer.
    const body = await readBody(request, this.#options.maxBodyBytes).catch(() => null);
    if (body === null || response.destroyed) return;
    const { method = "GET", url = "/" } = request;
    const path = url.split("?", 1)[0]!;
    const sink = httpSink(response, this.#options.maxUnreadBytes);
    if (body === undefined) {
      const problem = { status: 413, message: `more than ${this.#options.maxBodyBytes} bytes` } as const;
      sink.answer(413, "application/json", JSON.stringify(problemBody(path, problem)));
      return;
    }
    const abandon = answerCall(this.replica, { method, path, body }, sink);
    response.on("close", () => {
      if (!response.writableFinished) abandon();
      // The connection counts as idle only after this event.
      if (this.#isClosing) setImmediate(() => this.#server.closeIdleConnections());
      this.#arm();
    });
    this.#arm();
  }
}
