import type { IncomingHttpHeaders } from "node:http";
import { Readable } from "node:stream";
import { Pool, type Dispatcher } from "undici";
import { messageOf } from "#errors";
import type { HeaderLines } from "#extproc";
import type { Milliseconds } from "#units";
import { linesOf } from "../headers.ts";
import type { UpstreamHead } from "../request-head.ts";

/** What one request to a model server tells; nothing follows `onEnd`, `onBroken` and `onUnreachable`. */
export type UpstreamHandler = {
  /** The connection to this destination is made, and the request goes out on it. */
  readonly onConnected: (destination: string) => void;
  readonly onHeaders: (status: number, lines: HeaderLines) => void;
  readonly onBody: (chunk: Buffer) => void;
  readonly onEnd: (trailers: HeaderLines) => void;
  readonly onBroken: (message: string) => void;
  /** No destination accepted a connection. */
  readonly onUnreachable: (message: string) => void;
  /** More of the request body may be written after a `write` that returned false. */
  readonly onDrain: () => void;
};

const mostPools = 1000;

/** Keep-alive connections to model servers, one pool a destination. */
export class UpstreamPools {
  readonly #connectTimeoutMs: Milliseconds;
  readonly #pools = new Map<string, Pool>();

  constructor(connectTimeoutMs: Milliseconds) {
    this.#connectTimeoutMs = connectTimeoutMs;
  }

  of(destination: string): Pool {
    const known = this.#pools.get(destination);
    if (known !== undefined) return known;
    if (this.#pools.size >= mostPools) this.#dropOldest();
    const pool = new Pool(`http://${destination}`, {
      connections: null,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: this.#connectTimeoutMs },
    });
    this.#pools.set(destination, pool);
    return pool;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()));
    this.#pools.clear();
  }

  /** Model servers come and go: the pool that was made first is closed once its requests have ended. */
  #dropOldest(): void {
    for (const [destination, pool] of this.#pools) {
      this.#pools.delete(destination);
      pool.close().catch(() => undefined);
      return;
    }
  }
}

const rawLines = (raw: Dispatcher.DispatchController["rawHeaders"], parsed: IncomingHttpHeaders): HeaderLines => {
  if (Array.isArray(raw)) return linesOf(raw);
  return Object.entries(parsed).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value ?? ""]).map((one) => [name, one] as const),
  );
};

/** One request to the first destination that accepts a connection. */
export class UpstreamRequest implements Dispatcher.DispatchHandler {
  readonly #pools: UpstreamPools;
  readonly #destinations: readonly string[];
  readonly #head: UpstreamHead;
  readonly #handler: UpstreamHandler;
  readonly #hasBody: boolean;
  /** What was written before the connection was made: the next destination needs it again. */
  #unsent: Buffer[] = [];
  #ended = false;
  #attempt = 0;
  #body: Readable | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #paused = false;
  #over = false;

  constructor(
    pools: UpstreamPools,
    destinations: readonly string[],
    head: UpstreamHead,
    hasBody: boolean,
    handler: UpstreamHandler,
  ) {
    this.#pools = pools;
    this.#destinations = destinations;
    this.#head = head;
    this.#hasBody = hasBody;
    this.#handler = handler;
    this.#try();
  }

  /** @returns false when the model server reads too slowly: wait for onDrain */
  write(chunk: Buffer): boolean {
    if (this.#over) return true;
    if (this.#controller === undefined) this.#unsent.push(chunk);
    return this.#body?.push(chunk) ?? true;
  }

  end(): void {
    this.#ended = true;
    this.#body?.push(null);
  }

  pause(): void {
    this.#paused = true;
    this.#controller?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#controller?.resume();
  }

  /** Gives up; nothing is told after it. */
  abort(): void {
    if (this.#over) return;
    this.#over = true;
    this.#controller?.abort(new Error("aborted"));
    this.#body?.destroy();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#over) {
      controller.abort(new Error("aborted"));
      return;
    }
    this.#controller = controller;
    this.#unsent = [];
    if (this.#paused) controller.pause();
    this.#handler.onConnected(this.#destinations[this.#attempt]!);
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (!this.#over && status >= 200) this.#handler.onHeaders(status, rawLines(controller.rawHeaders, headers));
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#over) this.#handler.onBody(chunk);
  }

  onResponseEnd(controller: Dispatcher.DispatchController, trailers: IncomingHttpHeaders): void {
    if (this.#over) return;
    this.#over = true;
    this.#handler.onEnd(rawLines(controller.rawTrailers, trailers));
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    if (this.#over) return;
    const wasConnected = this.#controller !== undefined;
    const message = `${this.#destinations[this.#attempt]}: ${messageOf(error)}`;
    if (!wasConnected && this.#attempt + 1 < this.#destinations.length) {
      this.#attempt += 1;
      this.#try();
      return;
    }
    this.#over = true;
    if (wasConnected) this.#handler.onBroken(message);
    else this.#handler.onUnreachable(message);
  }

  #try(): void {
    const { method, path, lines } = this.#head;
    this.#body = this.#hasBody ? this.#makeBody() : undefined;
    this.#pools.of(this.#destinations[this.#attempt]!).dispatch(
      {
        method,
        path,
        headers: lines.flat(),
        body: this.#body ?? null,
      },
      this,
    );
  }

  #makeBody(): Readable {
    const body = new Readable({ read: () => this.#over || this.#handler.onDrain() });
    /** undici destroys the body of a request that failed; the failure itself is told by onResponseError. */
    body.on("error", () => undefined);
    for (const chunk of this.#unsent) body.push(chunk);
    if (this.#ended) body.push(null);
    return body;
  }
}
