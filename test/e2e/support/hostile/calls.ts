/** Hostile gRPC calls: framing, methods and metadata that no client should send. */
import { constants } from "node:http2";
import { chatRequest, requestBody, requestHeaders } from "../../../support/extproc-messages.ts";
import { framed, RawStream } from "../../../support/extproc-raw-client.ts";
import { encodeProcessingRequest } from "#extproc";
import { answerOf, oneOf, randomBytes, wholeNumber, withConnection, type HostileInput } from "./input.ts";

const opening = encodeProcessingRequest(requestHeaders());

/** A call on the shared connection, made and then half-closed. */
const callOf =
  (
    write: (stream: RawStream, random: () => number) => void,
    headers: (random: () => number) => Readonly<Record<string, string>> = () => ({}),
  ): HostileInput["play"] =>
  ({ shared }, random) => {
    const stream = new RawStream(shared, headers(random));
    write(stream, random);
    return answerOf(stream.halfClose());
  };

const prefix = (flags: number, length: number): Buffer => {
  const bytes = Buffer.alloc(5);
  bytes[0] = flags;
  bytes.writeUInt32BE(length, 1);
  return bytes;
};

/** Takes the larger part of a minute to send more than this. */
const endlessBytes = 64 * 2 ** 20;

export const hostileCalls: readonly HostileInput[] = [
  {
    name: "a frame that ends within its prefix",
    play: callOf((stream, random) => stream.write(framed(opening).subarray(0, 1 + wholeNumber(random, 4)))),
    allowed: ["grpc 13"],
  },
  {
    name: "a frame that ends within its message",
    play: callOf((stream, random) => stream.write(framed(opening).subarray(0, 6 + wholeNumber(random, 40)))),
    allowed: ["grpc 13"],
  },
  {
    name: "a frame that ends within its second message",
    play: callOf((stream) => stream.say(requestHeaders()).write(Buffer.from([0, 0, 0, 9, 9, 1, 2]))),
    allowed: ["grpc 13"],
  },
  {
    name: "a message flagged as compressed",
    play: callOf((stream) => stream.write(Buffer.concat([prefix(1, opening.length), opening]))),
    allowed: ["grpc 12"],
  },
  {
    name: "a message with unknown flags",
    play: callOf((stream, random) => stream.write(prefix(2 + wholeNumber(random, 254), 1)).write(Buffer.alloc(1))),
    allowed: ["grpc 13"],
  },
  {
    name: "a message that says it is larger than any may be",
    play: callOf((stream, random) => stream.write(prefix(0, oneOf(random, [4 * 2 ** 20 + 1, 2 ** 31, 2 ** 32 - 1])))),
    allowed: ["grpc 8"],
  },
  {
    name: "a message that is larger than any may be",
    play: callOf((stream) => stream.say(Buffer.alloc(4 * 2 ** 20 + 1, 0x22))),
    allowed: ["grpc 8"],
  },
  {
    name: "a message size that never comes",
    play: async ({ shared }) => {
      const stream = new RawStream(shared).write(prefix(0, 4 * 2 ** 20)).write(Buffer.alloc(1000));
      await stream.flushed();
      stream.reset(constants.NGHTTP2_CANCEL);
      return answerOf(stream);
    },
    allowed: ["closed"],
  },
  {
    name: "frames of random bytes",
    play: callOf((stream, random) => stream.write(randomBytes(random, 5 + wholeNumber(random, 2000)))),
    // The first byte of five in 256 is 0 or 1, and any length may be announced.
    allowed: ["grpc 3", "grpc 8", "grpc 12", "grpc 13"],
  },
  {
    name: "an unknown method",
    play: callOf(
      () => undefined,
      (random) => ({
        ":path": oneOf(random, ["/", "/x", "/envoy.service.ext_proc.v3.ExternalProcessor/process", "/%2e%2e"]),
      }),
    ),
    allowed: ["grpc 12"],
  },
  {
    name: "a content type that is not gRPC",
    play: callOf(
      (stream) => stream.say(opening),
      (random) => ({
        "content-type": oneOf(random, ["application/json", "text/plain", "application/grpcx", "grpc", ""]),
      }),
    ),
    allowed: ["http 415"],
  },
  {
    name: "a method that is not POST",
    play: callOf(
      () => undefined,
      (random) => ({ ":method": oneOf(random, ["GET", "PUT", "DELETE", "OPTIONS", "BREW"]) }),
    ),
    allowed: ["http 405"],
  },
  {
    name: "an encoding that is not supported",
    play: callOf(
      (stream) => stream.say(opening),
      (random) => ({ "grpc-encoding": oneOf(random, ["gzip", "br", "nothing", "identity,gzip"]) }),
    ),
    allowed: ["grpc 12"],
  },
  {
    name: "a malformed timeout",
    play: callOf(
      (stream) => stream.say(opening),
      (random) => ({ "grpc-timeout": oneOf(random, ["1", "-1S", "1x", "999999999H", "S", "1 S", "NaNm"]) }),
    ),
    allowed: ["grpc 13"],
  },
  {
    name: "a timeout that has passed",
    play: ({ shared }) => answerOf(new RawStream(shared, { "grpc-timeout": "1n" }).say(opening)),
    allowed: ["grpc 4"],
  },
  {
    name: "metadata of 100 kB",
    play: ({ grpcPort }) =>
      withConnection(grpcPort, (session) =>
        answerOf(new RawStream(session, { "x-large": "x".repeat(100_000) }).say(opening)),
      ),
    allowed: ["grpc 8", "http 431", "closed"],
  },
  {
    name: "metadata of 1 MB in the name of a header",
    play: ({ grpcPort }) =>
      withConnection(grpcPort, (session) =>
        answerOf(new RawStream(session, { ["x".repeat(1 << 20)]: "1" }).say(opening)),
      ),
    allowed: ["grpc 8", "http 431", "closed"],
  },
  {
    name: "metadata of 5,000 lines",
    play: ({ grpcPort }) =>
      withConnection(grpcPort, (session) => {
        const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`x-${i}`, "1"]));
        return answerOf(new RawStream(session, many).say(opening));
      }),
    allowed: ["grpc 8", "http 431", "closed"],
  },
  {
    name: "500 calls that are reset as soon as they are made",
    play: ({ grpcPort }) =>
      withConnection(grpcPort, async (session) => {
        const calls = Array.from({ length: 500 }, () => new RawStream(session).say(opening));
        for (const call of calls) call.reset(constants.NGHTTP2_CANCEL);
        await Promise.all(calls.map(({ over }) => over));
        return { kind: "closed", code: constants.NGHTTP2_CANCEL } as const;
      }),
    allowed: ["closed"],
  },
  {
    name: "a request body without an end",
    play: async ({ shared }) => {
      const stream = new RawStream(shared).say(requestHeaders());
      const chunk = requestBody(Buffer.alloc(64 * 1024, "x"));
      for (let sent = 0; sent < endlessBytes && !stream.isOver; sent += 64 * 1024) {
        stream.say(chunk);
        await stream.flushed();
      }
      return answerOf(stream);
    },
    allowed: ["immediate 413"],
  },
  {
    name: "a promise of a body of 100 TB, and its first bytes",
    play: callOf((stream) =>
      stream
        .say(requestHeaders({ headers: [["content-length", "100000000000000"]] }))
        .say(requestBody(chatRequest, true)),
    ),
    allowed: ["served"],
  },
];
