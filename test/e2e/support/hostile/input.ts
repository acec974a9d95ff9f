/** What a hostile input is, and what may become of it. */
import type { ClientHttp2Session } from "node:http2";
import type { Ratio } from "#units";
import { openConnection, type RawStream } from "../../../support/extproc-raw-client.ts";

/** What came back. */
export type Answer =
  /** A gRPC status. Not OK without a message is not clear. */
  | { readonly kind: "grpc"; readonly status: number; readonly message: string }
  | { readonly kind: "http"; readonly status: number }
  /** An ImmediateResponse. */
  | { readonly kind: "immediate"; readonly status: number }
  /** It was served like any other: a destination was sent, or bytes came back as they were. */
  | { readonly kind: "served" }
  /** Served, but not as it should have been. */
  | { readonly kind: "garbled"; readonly what: string }
  /** The stream or the connection was closed, and nothing else said. */
  | { readonly kind: "closed"; readonly code: number };

export type Target = {
  readonly grpcPort: number;
  readonly tlsPort: number;
  readonly healthPort: number;
  readonly metricsPort: number;
  /** A connection that well-behaved streams use, too. */
  readonly shared: ClientHttp2Session;
};

export type HostileInput = {
  readonly name: string;
  /** Plays it; resolves with what came of it. */
  readonly play: (target: Target, random: () => Ratio) => Promise<Answer>;
  /** Which answers are right, by their form: `grpc 3`, `http 415`, `immediate 413`, `served`, `closed`. */
  readonly allowed: readonly string[];
};

export const formOf = (answer: Answer): string =>
  "status" in answer ? `${answer.kind} ${answer.status}` : answer.kind;

/** What a stream came to. A destination counts only where nothing went wrong afterwards. */
export async function answerOf(stream: RawStream): Promise<Answer> {
  const { httpStatus, grpcStatus, grpcMessage, rstCode } = await stream.over;
  const refusal = stream.replies.find((reply) => reply.kind === "immediate");
  if (refusal?.kind === "immediate") return { kind: "immediate", status: refusal.immediate.status };
  if (httpStatus !== undefined && httpStatus !== 200) return { kind: "http", status: httpStatus };
  if (grpcStatus !== undefined && grpcStatus !== 0) return { kind: "grpc", status: grpcStatus, message: grpcMessage };
  if (isRouted(stream)) return { kind: "served" };
  if (grpcStatus === 0) return { kind: "grpc", status: 0, message: grpcMessage };
  return { kind: "closed", code: rstCode };
}

export const isRouted = ({ replies }: RawStream): boolean =>
  replies.some(({ dynamicMetadata }) => dynamicMetadata !== undefined);

/** Runs something on a connection of its own. */
export async function withConnection<T>(port: number, use: (session: ClientHttp2Session) => Promise<T>): Promise<T> {
  const session = openConnection(port);
  try {
    return await use(session);
  } finally {
    session.destroy();
  }
}

export const wholeNumber = (random: () => Ratio, below: number): number => Math.floor(random() * below);

export function randomBytes(random: () => Ratio, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) bytes[i] = wholeNumber(random, 256);
  return bytes;
}

export const oneOf = <T>(random: () => Ratio, from: readonly T[]): T => from[wholeNumber(random, from.length)]!;
