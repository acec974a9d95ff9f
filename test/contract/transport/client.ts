import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect, type SecureClientSessionOptions } from "node:http2";
import { connect as connectSocket, type Socket } from "node:net";
import { afterEach } from "@jest/globals";
import { decodeGrpcMessage, frameHeader, GrpcFrameReader } from "#grpc";
import type { Transport } from "../../../picker/transport/contract.ts";

/** How a call ended, seen from the client. */
export type CallEnd = {
  readonly httpStatus: number | undefined;
  readonly status: number | undefined;
  readonly message: string | undefined;
  readonly rstCode: number;
};

const sessions: (ClientHttp2Session | Socket)[] = [];

/** Destroys after each test what it opened. */
export function disconnectAfterEach(): void {
  afterEach(() => {
    for (const session of sessions.splice(0)) session.destroy();
  });
}

/** A client connection, ready for use. */
export async function dial(
  transport: Transport,
  options: SecureClientSessionOptions = {},
): Promise<ClientHttp2Session> {
  const scheme = options.ca === undefined ? "http" : "https";
  const session = connect(`${scheme}://127.0.0.1:${transport.port}`, { maxSessionMemory: 1000, ...options });
  session.on("error", () => undefined);
  sessions.push(session);
  await once(session, "connect");
  return session;
}

/** A TCP connection without any protocol. */
export async function dialRaw(transport: Transport): Promise<Socket> {
  const socket = connectSocket(transport.port, "127.0.0.1");
  socket.on("error", () => undefined);
  sessions.push(socket);
  await once(socket, "connect");
  return socket;
}

export const framed = (message: Buffer): Buffer => Buffer.concat([frameHeader(message.length), message]);

/** One call of a client. */
export class ClientCall {
  readonly stream: ClientHttp2Stream;
  readonly messages: Buffer[] = [];
  readonly ended: Promise<CallEnd>;
  readonly #reader = new GrpcFrameReader(1 << 30);
  #reading = false;
  #wanted: { readonly count: number; readonly resolve: () => void } | undefined = undefined;

  constructor(stream: ClientHttp2Stream, reading: boolean) {
    this.stream = stream;
    const end = Promise.withResolvers<CallEnd>();
    this.ended = end.promise;
    const seen: Record<string, string | number | undefined> = {};
    const note = (headers: object): void => void Object.assign(seen, headers);
    stream.on("response", note).on("trailers", note);
    stream.on("error", () => undefined);
    stream.on("close", () => {
      const status = seen["grpc-status"];
      const message = seen["grpc-message"];
      end.resolve({
        httpStatus: seen[":status"] as number | undefined,
        status: status === undefined ? undefined : Number(status),
        message: message === undefined ? undefined : decodeGrpcMessage(String(message)),
        rstCode: stream.rstCode ?? 0,
      });
    });
    if (reading) this.read();
  }

  /** Begins to take replies. */
  read(): void {
    if (this.#reading) return;
    this.#reading = true;
    this.stream.on("data", (chunk: Buffer) => {
      this.#reader.push(chunk);
      for (let message = this.#reader.next(); message; message = this.#reader.next())
        this.messages.push(Buffer.from(message));
      if (this.#wanted !== undefined && this.messages.length >= this.#wanted.count) this.#wanted.resolve();
    });
  }

  /** Resolves when that many messages have come in all. */
  async received(count: number): Promise<void> {
    if (this.messages.length >= count) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wanted = { count, resolve };
    await promise;
  }

  send(...messages: readonly Buffer[]): void {
    for (const message of messages) this.stream.write(framed(message));
  }

  async finish(...messages: readonly Buffer[]): Promise<CallEnd> {
    this.send(...messages);
    this.stream.end();
    return this.ended;
  }
}

export type CallOptions = {
  readonly headers?: Readonly<Record<string, string>>;
  /** False: replies stay unread until `read`. */
  readonly reading?: boolean;
};

/** Opens a call of `/test.Service/<method>`, or of a full path. */
export function open(session: ClientHttp2Session, method: string, options: CallOptions = {}): ClientCall {
  const path = method.startsWith("/") ? method : `/test.Service/${method}`;
  const standard = { ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" };
  return new ClientCall(session.request({ ...standard, ...options.headers }), options.reading ?? true);
}

/** One message to Echo and back: proof that a connection, or the server, is well. */
export async function echo(session: ClientHttp2Session, text = "ping"): Promise<string> {
  const call = open(session, "Echo");
  const end = await call.finish(Buffer.from(text));
  if (end.status !== 0) throw new Error(`echo ended with ${JSON.stringify(end)}`);
  return Buffer.concat(call.messages).toString();
}
