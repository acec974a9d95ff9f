/** One ext-proc stream: decodes, steps the conversation, performs its effects. All decisions are made elsewhere. */
import { unreachable } from "#errors";
import {
  CodecError,
  continueReply,
  copyHeaders,
  decodeProcessingRequest,
  type HeaderView,
  type ProcessingRequest,
  type ProtocolConfig,
} from "#extproc";
import type { Milliseconds } from "#units";
import type { Arrival, Decided, Route } from "../director/arrival.ts";
import type { Director } from "../director/director.ts";
import { apiOf } from "../request/api.ts";
import type { CloseCause, StreamHandler, StreamPeer } from "../transport/contract.ts";
import type { FlowNote, Waiting } from "../flow/flow-control.ts";
import type { Refusal } from "../flow/refusal/refusal.ts";
import { usageOf, type RequestRecord } from "../attainment/outcome.ts";
import type { AttainmentRecorder } from "../attainment/recorder.ts";
import { BodyBuffer } from "./body-buffer.ts";
import { saysBroken } from "./close-cause.ts";
import type { ConversationEffect, ConversationEvent, Ending } from "./conversation-state.ts";
import { startConversation, step } from "./conversation.ts";
import { metadata } from "./headers.ts";
import { refusalReply, sendInPieces, type RouteReplies } from "./replies.ts";
import { ResponseWatch } from "./response-watch.ts";

const grpcOk = 0;
const grpcInvalidArgument = 3;

/** What a session needs of the picker. */
export type SessionPorts = {
  readonly now: () => Milliseconds;
  readonly director: Director;
  readonly recorder: AttainmentRecorder;
  readonly routeReplies: RouteReplies;
  readonly maxBodyBytes: number;
  /** Told when a message could not be read: the stream ends, the process and other streams do not notice. */
  readonly onMalformed: (error: CodecError) => void;
  /** Told of the body modes that the proxy names; undefined: it named none. */
  readonly onModes?: (modes: ProtocolConfig | undefined) => void;
  /** Told once, when the stream is gone. */
  readonly onClosed: (kind: CloseCause["kind"]) => void;
};

const noChunk = Buffer.alloc(0);

const contentLength = (headers: HeaderView): number | undefined => {
  const value = Number(headers.get("content-length"));
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
};

/** One request's exchange; the transport's handler for its stream. */
export class Session implements StreamHandler {
  readonly #ports: SessionPorts;
  readonly #peer: StreamPeer;
  #state;
  #arrival: Arrival | undefined;
  #record: RequestRecord | undefined;
  #body: BodyBuffer | undefined;
  #waiting: Waiting | undefined;
  #route: Route | undefined;
  #refusal: Refusal | undefined;
  readonly #response = new ResponseWatch();
  #chunk: Buffer = noChunk;
  #message: ProcessingRequest | undefined;

  constructor(ports: SessionPorts, peer: StreamPeer) {
    this.#ports = ports;
    this.#peer = peer;
    this.#state = startConversation(ports.maxBodyBytes);
  }

  onMessage(message: Buffer): void {
    try {
      this.#handle(message);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.#ports.onMalformed(error);
      this.#peer.end(grpcInvalidArgument, error.message);
    }
  }

  onHalfClose(): void {
    this.#apply({ kind: "half-closed" });
  }

  onClose(cause: CloseCause): void {
    this.#apply({ kind: "closed", broken: saysBroken(cause) });
    this.#body = undefined;
    this.#ports.onClosed(cause.kind);
  }

  #handle(bytes: Buffer): void {
    const message = decodeProcessingRequest(bytes);
    this.#message = message;
    switch (message.kind) {
      case "headers":
        if (message.direction === "request") this.#onRequestHeaders(message);
        else this.#apply({ kind: "response-headers", endOfStream: message.endOfStream });
        break;
      case "body":
        this.#chunk = message.body;
        this.#apply(
          message.direction === "request"
            ? { kind: "request-body", bytes: message.body.length, endOfStream: message.endOfStream }
            : { kind: "response-body", endOfStream: message.endOfStream },
        );
        this.#chunk = noChunk;
        break;
      case "trailers":
        this.#apply({ kind: message.direction === "request" ? "request-trailers" : "response-trailers" });
        break;
      case "unknown":
        break;
      default:
        unreachable(message);
    }
    this.#message = undefined;
  }

  #onRequestHeaders(message: Extract<ProcessingRequest, { kind: "headers" }>): void {
    if (this.#arrival !== undefined) return;
    const { endOfStream, protocolConfig } = message;
    this.#ports.onModes?.(protocolConfig);
    const headers = copyHeaders(message.headers);
    const method = headers.get(":method") ?? "GET";
    const path = headers.get(":path") ?? "/";
    const api = apiOf(method, path);
    this.#arrival = this.#ports.director.arrive({
      arrivedAtMs: this.#ports.now(),
      method,
      path,
      api,
      headers,
      subsetHint: message.filterMetadata(metadata.subsetNamespace)?.[metadata.subset],
      metadata: (namespace) => message.filterMetadata(namespace),
    });
    this.#record = this.#ports.recorder.arrived(this.#arrival);
    this.#apply({
      kind: "request-headers",
      endOfStream,
      requestBodyMode: protocolConfig?.requestBodyMode ?? "FULL_DUPLEX_STREAMED",
      responseBodyMode: protocolConfig?.responseBodyMode ?? "FULL_DUPLEX_STREAMED",
      readsBody: api !== "pass-through",
    });
  }

  #apply(event: ConversationEvent): void {
    const [state, effects] = step(this.#state, event);
    this.#state = state;
    for (let i = 0; i < effects.length; i++) this.#perform(effects[i]!);
  }

  #perform(effect: ConversationEffect): void {
    switch (effect.kind) {
      case "keep-request-chunk":
        this.#body ??= new BodyBuffer(this.#arrival && contentLength(this.#arrival.headers));
        this.#body.append(this.#chunk);
        break;
      case "decide":
        this.#decide(effect.from);
        break;
      case "continue":
        this.#peer.send([continueReply(effect.part, effect.direction)]);
        break;
      case "send-route":
        this.#sendRoute(effect.replyTo);
        break;
      case "send-kept-body":
        sendInPieces(
          (payload) => this.#peer.send(payload),
          "request",
          this.#body?.contents ?? noChunk,
          effect.endOfStream,
        );
        break;
      case "pass-chunk":
        sendInPieces((payload) => this.#peer.send(payload), effect.direction, this.#chunk, effect.endOfStream);
        break;
      case "send-refusal":
        this.#sendRefusal();
        break;
      case "refuse-oversize":
        this.#refusal = this.#ports.director.refuseOversize(this.#ports.maxBodyBytes);
        this.#sendRefusal();
        break;
      case "open-response":
        this.#openResponse();
        break;
      case "observe-chunk":
        this.#observeChunk();
        break;
      case "observe-end":
        this.#response.end(this.#ports.now());
        break;
      case "finish":
        this.#finish(effect.ending);
        break;
      case "end-stream":
        this.#peer.end(grpcOk);
        break;
      default:
        unreachable(effect);
    }
  }

  #decide(from: "headers" | "body"): void {
    const body = from === "body" ? (this.#body?.contents ?? noChunk) : undefined;
    if (this.#record !== undefined) this.#record.decidingAtMs = this.#ports.now();
    this.#waiting = this.#ports.director.decide(this.#arrival!, body, (decided) => this.#onDecided(decided));
  }

  #onDecided({ decision, learn, considered, flow }: Decided): void {
    this.#waiting = undefined;
    const record = this.#record;
    if (record !== undefined) {
      record.considered ??= considered;
      record.flow ??= flow;
    }
    if (decision.kind === "refuse") {
      this.#refusal = decision;
      this.#apply(this.#route === undefined ? { kind: "decided", outcome: "refuse" } : { kind: "evicted" });
      return;
    }
    this.#route = decision;
    this.#apply({ kind: "decided", outcome: "route" });
    learn?.();
    this.#body = undefined;
  }

  /** @returns what is to be said of a request that still waited */
  #stopWaiting(): FlowNote | undefined {
    const note = this.#waiting?.cancel();
    this.#waiting = undefined;
    return note;
  }

  #sendRoute(replyTo: "headers" | "body"): void {
    const route = this.#route;
    if (route === undefined) return;
    this.#peer.send([this.#ports.routeReplies.of(route, replyTo, this.#record?.trace?.outgoing)]);
    this.#ports.recorder.dispatched(this.#record!, route);
  }

  #sendRefusal(): void {
    if (this.#refusal !== undefined) this.#peer.send([refusalReply(this.#arrival!.api, this.#refusal)]);
  }

  #openResponse(): void {
    // Where the proxy answered by itself, the request waits for nothing, and what was kept of it is of no use any more.
    if (this.#record !== undefined) this.#record.flow ??= this.#stopWaiting();
    this.#body = undefined;
    const message = this.#message;
    if (message?.kind === "headers") this.#response.open(this.#arrival!.api, message.headers);
  }

  #observeChunk(): void {
    const firstTokenAtMs = this.#response.chunk(this.#chunk, this.#ports.now());
    if (firstTokenAtMs === undefined) return;
    this.#ports.recorder.firstToken(this.#record!, firstTokenAtMs);
    if (this.#route !== undefined) this.#ports.director.firstToken(this.#route, firstTokenAtMs);
  }

  #finish(ending: Ending): void {
    const record = this.#record;
    if (record === undefined) return;
    this.#record = undefined;
    this.#body = undefined;
    record.flow ??= this.#stopWaiting();
    const end = {
      ending,
      refusal: this.#refusal?.reason,
      refusalStatus: this.#refusal?.status,
      retryAfterSeconds: this.#refusal?.retryAfterSeconds,
      responseStatus: this.#response.status,
      reader: this.#response.reader,
      endedAtMs: this.#ports.now(),
    };
    this.#ports.recorder.finished(record, end);
    if (this.#route !== undefined) this.#ports.director.release(this.#route, usageOf(end));
  }
}
