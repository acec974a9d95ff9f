import {
  constants,
  createSecureServer,
  createServer,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";
import {
  decodeProcessingRequest,
  destinationKey,
  encodeProcessingResponse,
  streamedBodyReply,
  type HeaderLines,
  type HeaderMutation,
  type ImmediateReply,
  type ProcessingRequest,
  type ProcessingResponse,
} from "#extproc";
import { frameHeader, GrpcFrameReader } from "#grpc";

/** What the picker does with a request; changed by each test before it sends one. */
export type Script = {
  destination: string | undefined;
  /** Answers with this when the whole request was seen. */
  immediate?: ImmediateReply;
  /** Answers with this when the first chunk of the response was seen. */
  evict?: ImmediateReply;
  request?: HeaderMutation;
  response?: HeaderMutation;
  responseTrailers?: HeaderMutation;
  /** Replaces the request body. */
  requestBody?: Buffer;
  /** Ends the stream with OK once the request has been answered. */
  leavesAfterRequest?: boolean;
  /** Ends the stream with this status in place of the first reply. */
  status?: number;
  /** Never answers. */
  silent?: boolean;
  /** Says a body reply before the headers reply. */
  breaksOrder?: boolean;
};

/** One message as it came. */
export type Seen =
  | {
      readonly kind: "headers";
      readonly direction: string;
      readonly headers: HeaderLines;
      readonly endOfStream: boolean;
    }
  | { readonly kind: "body"; readonly direction: string; readonly length: number; readonly endOfStream: boolean }
  | { readonly kind: "trailers"; readonly direction: string; readonly trailers: HeaderLines }
  | { readonly kind: "unknown" };

/** One stream: what came, and how it was closed. */
export type Conversation = {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly protocolConfig: ProcessingRequest["protocolConfig"][];
  readonly seen: Seen[];
  readonly requestBody: Buffer[];
  /** HTTP/2 error code of the close. */
  readonly closed: Promise<number>;
};

function seenOf(message: ProcessingRequest): Seen {
  switch (message.kind) {
    case "headers":
      return {
        kind: "headers",
        direction: message.direction,
        headers: message.headers.entries().map(([name, value]) => [name, value] as const),
        endOfStream: message.endOfStream,
      };
    case "body": {
      const { direction, body, endOfStream } = message;
      return { kind: "body", direction, length: body.length, endOfStream };
    }
    case "trailers":
      return { kind: "trailers", direction: message.direction, trailers: [...message.trailers.entries()] };
    default:
      return { kind: "unknown" };
  }
}

/** Answers one stream the way the script says; holds the request until it is whole, passes the response on at once. */
class PickerStream {
  readonly #stream: ServerHttp2Stream;
  readonly #script: Script;
  readonly #conversation: Conversation;
  #evicted = false;

  constructor(stream: ServerHttp2Stream, script: Script, conversation: Conversation) {
    this.#stream = stream;
    this.#script = script;
    this.#conversation = conversation;
  }

  onMessage(bytes: Buffer): void {
    const message = decodeProcessingRequest(bytes);
    this.#conversation.protocolConfig.push(message.protocolConfig);
    this.#conversation.seen.push(seenOf(message));
    if (message.kind === "unknown" || this.#script.silent === true) return;
    if (message.direction === "request") this.#onRequest(message);
    else this.#onResponse(message);
  }

  end(status: number): void {
    this.#stream.once("wantTrailers", () => {
      this.#stream.sendTrailers({ "grpc-status": String(status), "grpc-message": "scripted%20end" });
    });
    this.#stream.end();
  }

  #onRequest(message: Exclude<ProcessingRequest, { kind: "unknown" }>): void {
    if (message.kind === "body") this.#conversation.requestBody.push(Buffer.from(message.body));
    const isEnd = message.kind === "trailers" || message.endOfStream;
    if (!isEnd) return;
    const { status, immediate, destination, request, requestBody, leavesAfterRequest, breaksOrder } = this.#script;
    if (status !== undefined) return this.end(status);
    if (immediate !== undefined) {
      this.#send({ kind: "immediate", immediate });
      return this.end(0);
    }
    const body = requestBody ?? Buffer.concat(this.#conversation.requestBody);
    if (breaksOrder === true) this.#sendBody("request", Buffer.from("early"), false);
    const set = [
      ...(destination === undefined ? [] : [{ name: destinationKey, value: destination }]),
      ...(request?.set ?? []),
    ];
    const headers = { set, remove: request?.remove ?? [] };
    this.#send({ kind: "headers", direction: "request", common: { headers, clearRouteCache: true } });
    if (message.kind !== "headers") this.#sendPieces(body, message.kind === "body");
    if (message.kind === "trailers") this.#send({ kind: "trailers", direction: "request" });
    if (leavesAfterRequest === true) this.end(0);
    return undefined;
  }

  #onResponse(message: Exclude<ProcessingRequest, { kind: "unknown" }>): void {
    const { response, responseTrailers, evict } = this.#script;
    if (this.#evicted) return;
    if (message.kind === "headers") {
      this.#send({ kind: "headers", direction: "response", common: { headers: response ?? {} } });
    } else if (message.kind === "trailers") {
      this.#send({ kind: "trailers", direction: "response", headers: responseTrailers ?? {} });
    } else if (evict !== undefined) {
      this.#evicted = true;
      this.#send({ kind: "immediate", immediate: evict });
      this.end(0);
    } else {
      this.#sendBody("response", Buffer.from(message.body), message.endOfStream);
    }
  }

  #sendPieces(body: Buffer, endsHere: boolean): void {
    const pieceBytes = 62_000;
    for (let at = 0; ; at += pieceBytes) {
      const isLast = at + pieceBytes >= body.length;
      this.#sendBody("request", body.subarray(at, at + pieceBytes), isLast && endsHere);
      if (isLast) return;
    }
  }

  #sendBody(direction: "request" | "response", body: Buffer, endOfStream: boolean): void {
    this.#write(streamedBodyReply(direction, body, endOfStream));
  }

  #send(response: ProcessingResponse): void {
    this.#write([encodeProcessingResponse(response)]);
  }

  #write(parts: readonly Buffer[]): void {
    const payload = Buffer.concat(parts);
    if (this.#stream.write(Buffer.concat([frameHeader(payload.length), payload]))) return;
    if (this.#stream.isPaused()) return;
    this.#stream.pause();
    this.#stream.once("drain", () => this.#stream.resume());
  }
}

/** An endpoint picker that does what a test says. */
export type ScriptedPicker = {
  readonly port: number;
  script: Script;
  /** One for each stream, in order of opening. */
  readonly conversations: Conversation[];
  close(): Promise<void>;
};

/** Proxies end every stream with a reset; Node takes more than its default number of them for an attack. */
const settings = {
  streamResetBurst: 1_000_000,
  streamResetRate: 1_000_000,
  settings: { initialWindowSize: 65_536 },
};

/** Listens on `port`; 0 takes a free one. */
export async function startScriptedPicker(
  port = 0,
  tls?: { readonly cert: string; readonly key: string },
): Promise<ScriptedPicker> {
  const conversations: Conversation[] = [];
  const sessions = new Set<ServerHttp2Session>();
  const server = tls === undefined ? createServer(settings) : createSecureServer({ ...settings, ...tls });
  const picker = { script: { destination: undefined } as Script };
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => undefined);
    session.on("close", () => sessions.delete(session));
  });
  server.on("stream", (stream, metadata) => {
    const { promise: closed, resolve } = Promise.withResolvers<number>();
    const conversation: Conversation = { metadata, protocolConfig: [], seen: [], requestBody: [], closed };
    conversations.push(conversation);
    const reader = new GrpcFrameReader(64 * 1024 * 1024);
    const call = new PickerStream(stream, picker.script, conversation);
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("data", (chunk: Buffer) => {
      reader.push(chunk);
      for (let message = reader.next(); message !== undefined; message = reader.next()) call.onMessage(message);
    });
    stream.on("error", () => undefined);
    stream.on("close", () => resolve(stream.rstCode ?? constants.NGHTTP2_NO_ERROR));
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return Object.assign(picker, {
    port: (server.address() as AddressInfo).port,
    conversations,
    close: async () => {
      for (const session of sessions) session.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}
