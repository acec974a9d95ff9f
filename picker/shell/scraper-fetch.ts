import { readFileSync } from "node:fs";
import { messageOf } from "#errors";
import { FileUnreadableError } from "#shell";
import type { Bytes, Milliseconds } from "#units";
import { Client, type Dispatcher } from "undici";
import type { MetricsSource } from "../state/metrics-source.ts";

/** Why a scrape brought nothing. */
export type ScrapeFailureReason = "unreachable" | "timeout" | "status" | "too_large" | "unrecognized";

/** A page, or why there is none. */
export type FetchedPage =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: ScrapeFailureReason; readonly message: string };

/** TLS settings of the connection to a model server, with the files already read. */
export type ScrapeTls = {
  readonly rejectUnauthorized: boolean;
  readonly ca: Buffer | undefined;
  readonly cert: Buffer | undefined;
  readonly key: Buffer | undefined;
};

function fileOf(path: string | undefined): Buffer | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path);
  } catch (error) {
    throw new FileUnreadableError(path, messageOf(error));
  }
}

/**
 * Reads the files that the parameters name.
 * @throws FileUnreadableError
 */
export const readScrapeTls = (source: MetricsSource): ScrapeTls => ({
  rejectUnauthorized: !source.insecureSkipVerify,
  ca: fileOf(source.caCertPath),
  cert: fileOf(source.clientCertPath),
  key: fileOf(source.clientKeyPath),
});

/** One page on its way. */
export type PageFetch = {
  /** Never rejects. */
  readonly page: Promise<FetchedPage>;
  /** Gives up; the page is then a timeout. Does nothing once it is there. */
  abort(): void;
};

/** One kept connection to one model server; one fetch at a time. */
export type PageConnection = {
  fetch(): PageFetch;
  /** Ends a fetch in progress, too. */
  close(): Promise<void>;
};

type Origin = {
  readonly origin: string;
  readonly path: string;
  readonly tls: ScrapeTls;
  readonly maxBytes: Bytes;
  readonly connectTimeoutMs: Milliseconds;
};

/** Collects one answer straight from the connection: a scrape every few milliseconds is worth no stream objects. */
class PageCollector implements Dispatcher.DispatchHandler, PageFetch {
  readonly page: Promise<FetchedPage>;
  readonly #settle: (page: FetchedPage) => void;
  readonly #maxBytes: Bytes;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #isAborted = false;
  #controller: Dispatcher.DispatchController | undefined;

  constructor(maxBytes: Bytes) {
    const { promise, resolve } = Promise.withResolvers<FetchedPage>();
    this.page = promise;
    this.#settle = resolve;
    this.#maxBytes = maxBytes;
  }

  abort(): void {
    this.#isAborted = true;
    this.#fail("timeout", "no answer in time");
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isAborted) controller.abort(new Error("aborted"));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, statusCode: number): void {
    if (statusCode !== 200) this.#fail("status", `status ${statusCode}`);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.byteLength;
    if (this.#bytes > this.#maxBytes) this.#fail("too_large", `page longer than ${this.#maxBytes} bytes`);
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [first, second] = this.#chunks;
    const whole = first !== undefined && second === undefined ? first : Buffer.concat(this.#chunks, this.#bytes);
    this.#settle({ ok: true, text: whole.toString("utf8") });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#settle({ ok: false, reason: "unreachable", message: error.message });
  }

  /** Settles first: the abort comes back as an error, which then no longer counts. */
  #fail(reason: ScrapeFailureReason, message: string): void {
    this.#settle({ ok: false, reason, message });
    this.#controller?.abort(new Error(message));
  }
}

/** Opens a connection lazily and keeps it. */
export function pageConnection({ origin, path, tls, maxBytes, connectTimeoutMs }: Origin): PageConnection {
  const { rejectUnauthorized, ca, cert, key } = tls;
  const client = new Client(origin, {
    pipelining: 1,
    keepAliveTimeout: 60_000,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: 16_384,
    connect: {
      rejectUnauthorized,
      timeout: connectTimeoutMs,
      ...(ca && { ca }),
      ...(cert && { cert }),
      ...(key && { key }),
    },
  });
  const headers = { accept: "text/plain" };
  return {
    fetch: () => {
      const collector = new PageCollector(maxBytes);
      client.dispatch({ path, method: "GET", headers }, collector);
      return collector;
    },
    close: () => client.destroy(),
  };
}
