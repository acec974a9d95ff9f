import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { performance } from "node:perf_hooks";
import { messageOf, unreachable } from "#errors";
import {
  decodeProcessingResponse,
  encodeProcessingRequest,
  streamedBodyRequest,
  type HeaderLines,
  type OutgoingRequest,
  type ReceivedResponse,
} from "#extproc";
import type { Milliseconds } from "#units";
import type { ExchangeEffect, ExchangeEvent, ExchangeOutcome } from "../exchange-event.ts";
import { awaitsReply, newExchange, type ExchangeState } from "../exchange-state.ts";
import { step } from "../exchange.ts";
import { recordOf, valueOf } from "../headers.ts";
import { requestHead, type UpstreamHead } from "../request-head.ts";
import { isBodyless, type ClientResponseHead } from "../response-head.ts";
import { isH2, readClientHead, resetResponse, trailersOf } from "./client-message.ts";
import type { ExtprocClient, ExtprocStream } from "./extproc-client.ts";
import { Gate } from "./gate.ts";
import { UpstreamRequest, type UpstreamPools } from "./upstream.ts";

/** One line of an access log. Times are of the gateway's monotonic clock. */
export type AccessEntry = {
  readonly requestId: string;
  readonly method: string;
  readonly path: string;
  /** What the client got; undefined when it got no response. */
  readonly status: number | undefined;
  /** The model server that was connected to; undefined when none was. */
  readonly destination: string | undefined;
  readonly outcome: ExchangeOutcome;
  readonly durationMs: Milliseconds;
  readonly requestBytes: number;
  readonly responseBytes: number;
};

/** What all exchanges of a gateway use. */
export type ExchangeRoom = {
  readonly extproc: ExtprocClient;
  readonly upstreams: UpstreamPools;
  readonly messageTimeoutMs: Milliseconds;
  readonly onEnd: (entry: AccessEntry) => void;
};

type Request = IncomingMessage | Http2ServerRequest;
type Response = ServerResponse | Http2ServerResponse;

/** One proxied request: turns what its three peers do into events, and performs the effects. */
export class ExchangeSession {
  readonly #room: ExchangeRoom;
  readonly #request: Request;
  readonly #response: Response;
  readonly #startedAtMs = performance.now();
  readonly #processor: ExtprocStream;
  readonly #events: ExchangeEvent[] = [];
  readonly #requestGate: Gate;
  readonly #responseGate: Gate;
  readonly #lines: HeaderLines;
  #state: ExchangeState = newExchange;
  #upstream: UpstreamRequest | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stepping = false;
  #status: number | undefined;
  #destination: string | undefined;
  #requestBytes = 0;
  #responseBytes = 0;

  constructor(room: ExchangeRoom, request: Request, response: Response) {
    this.#room = room;
    this.#request = request;
    this.#response = response;
    const { head, endOfStream } = readClientHead(request);
    this.#lines = requestHead(head, randomUUID());
    this.#requestGate = new Gate(
      () => request.pause(),
      () => request.resume(),
    );
    this.#responseGate = new Gate(
      () => this.#upstream?.pause(),
      () => this.#upstream?.resume(),
    );
    this.#processor = room.extproc.open(head.remoteAddress, {
      onMessage: (message) => this.#onMessage(message),
      onEnd: (status, message) => this.#on({ kind: "processor-ended", status, message }),
      onLost: (message) => this.#on({ kind: "processor-lost", message }),
      onDrain: () => this.#onProcessorDrain(),
    });
    this.#listen(endOfStream);
    this.#on({ kind: "client-headers", lines: this.#lines, endOfStream });
  }

  #listen(endOfStream: boolean): void {
    const request = this.#request;
    const response = this.#response;
    if (endOfStream) request.resume();
    else {
      request.on("data", (chunk: Buffer) => {
        this.#requestBytes += chunk.length;
        this.#on({ kind: "client-body", chunk });
      });
      request.on("end", () => this.#on({ kind: "client-end", trailers: trailersOf(request) }));
    }
    request.on("error", () => this.#on({ kind: "client-gone" }));
    response.on("error", () => this.#on({ kind: "client-gone" }));
    response.on("close", () => this.#on({ kind: "client-gone" }));
    response.on("drain", () => {
      this.#responseGate.unblock("client");
      this.#processor.resume();
    });
  }

  /** Events that an effect causes at once wait until its step is done. */
  #on(event: ExchangeEvent): void {
    if (this.#state.over) return;
    this.#events.push(event);
    if (this.#stepping) return;
    this.#stepping = true;
    for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
      const [state, effects] = step(this.#state, next);
      this.#state = state;
      for (const effect of effects) this.#perform(effect);
    }
    this.#stepping = false;
    this.#watch();
  }

  #watch(): void {
    const isOwed = awaitsReply(this.#state);
    if (isOwed && this.#timer === undefined) {
      this.#timer = setTimeout(() => this.#on({ kind: "processor-silent" }), this.#room.messageTimeoutMs);
    } else if (!isOwed && this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
  }

  #onMessage(message: Buffer): void {
    let reply: ReceivedResponse;
    try {
      reply = decodeProcessingResponse(message);
    } catch (caught) {
      this.#on({ kind: "processor-lost", message: `unreadable reply of the endpoint picker: ${messageOf(caught)}` });
      return;
    }
    this.#on({ kind: "reply", reply });
  }

  #onProcessorDrain(): void {
    this.#requestGate.unblock("processor");
    this.#responseGate.unblock("processor");
  }

  #perform(effect: ExchangeEffect): void {
    switch (effect.kind) {
      case "tell":
        return this.#tell(effect.message);
      case "connect":
        return this.#connect(effect.destinations, effect.head, !effect.endOfStream);
      case "upstream-write":
        if (this.#upstream?.write(effect.chunk) === false) this.#requestGate.block("upstream");
        return undefined;
      case "upstream-end":
        return this.#upstream?.end();
      case "upstream-abort":
        return this.#upstream?.abort();
      case "client-start":
        return this.#startClient(effect.head);
      case "client-write":
        return this.#writeClient(effect.chunk);
      case "client-end":
        return this.#endClient(effect.trailers);
      case "client-reset":
        return resetResponse(this.#response);
      case "processor-reset":
        return this.#processor.reset(effect.code);
      case "finish":
        return this.#finish(effect.outcome);
      default:
        return unreachable(effect);
    }
  }

  #tell(message: OutgoingRequest): void {
    const payload =
      message.kind === "body"
        ? streamedBodyRequest(message.direction, message.body, message.endOfStream)
        : [encodeProcessingRequest(message)];
    if (this.#processor.send(payload)) return;
    if (message.direction === "request") this.#requestGate.block("processor");
    else this.#responseGate.block("processor");
  }

  #connect(destinations: readonly string[], head: UpstreamHead, hasBody: boolean): void {
    this.#upstream = new UpstreamRequest(this.#room.upstreams, destinations, head, hasBody, {
      onConnected: (destination) => (this.#destination = destination),
      onHeaders: (status, lines) => {
        const endOfStream = isBodyless(head.method, status, lines);
        this.#on({ kind: "upstream-headers", status, lines, endOfStream });
      },
      onBody: (chunk) => this.#on({ kind: "upstream-body", chunk }),
      onEnd: (trailers) => this.#on({ kind: "upstream-end", trailers }),
      onBroken: (message) => this.#on({ kind: "upstream-broken", message }),
      onUnreachable: (message) => this.#on({ kind: "upstream-unreachable", message }),
      onDrain: () => this.#requestGate.unblock("upstream"),
    });
    if (this.#responseGate.isBlocked) this.#upstream.pause();
  }

  /** Headers go out before there is a body: the client of a stream knows at once that it is served. */
  #startClient({ status, lines }: ClientResponseHead): void {
    this.#status = status;
    const headers = recordOf(lines);
    if (isH2(this.#response)) this.#response.writeHead(status, headers);
    else this.#response.writeHead(status, headers).flushHeaders();
  }

  /** A client that reads slowly stops us from reading its model server and, for this exchange, the picker. */
  #writeClient(chunk: Buffer): void {
    this.#responseBytes += chunk.length;
    if ((this.#response as ServerResponse).write(chunk)) return;
    this.#responseGate.block("client");
    this.#processor.pause();
  }

  #endClient(trailers: HeaderLines): void {
    if (trailers.length > 0) (this.#response as ServerResponse).addTrailers(recordOf(trailers));
    this.#response.end();
  }

  #finish(outcome: ExchangeOutcome): void {
    this.#processor.resume();
    this.#room.onEnd({
      requestId: valueOf(this.#lines, "x-request-id") ?? "",
      method: valueOf(this.#lines, ":method") ?? "",
      path: valueOf(this.#lines, ":path") ?? "",
      status: this.#status,
      destination: this.#destination,
      outcome,
      durationMs: performance.now() - this.#startedAtMs,
      requestBytes: this.#requestBytes,
      responseBytes: this.#responseBytes,
    });
  }
}
