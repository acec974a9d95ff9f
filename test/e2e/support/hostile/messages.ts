/** Hostile ext-proc messages: protobuf that is none, and conversations in no order. */
import { encodeProcessingRequest, type BodyMode, type OutgoingRequest } from "#extproc";
import {
  chatRequest,
  jsonAnswer,
  requestBody,
  requestHeaders,
  requestTrailers,
  responseBody,
  responseHeaders,
  responseTrailers,
  sse,
} from "../../../support/extproc-messages.ts";
import { RawStream } from "../../../support/extproc-raw-client.ts";
import { answerOf, oneOf, randomBytes, wholeNumber, type HostileInput } from "./input.ts";

type Said = readonly (OutgoingRequest | Buffer)[];

/** Says everything on the shared connection, then half-closes. */
const saying =
  (messages: (random: () => number) => Said): HostileInput["play"] =>
  ({ shared }, random) => {
    const stream = new RawStream(shared);
    for (const message of messages(random)) stream.say(message);
    return answerOf(stream.halfClose());
  };

const varint = (value: number): readonly number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
const field = (number: number, content: Buffer): Buffer =>
  Buffer.concat([Buffer.from([...varint((number << 3) | 2), ...varint(content.length)]), content]);

/** Structs inside each other: metadata_context.filter_metadata["envoy.lb.subset_hint"]. */
function deepMetadata(depth: number): Buffer {
  let struct: Buffer = Buffer.alloc(0);
  for (let i = 0; i < depth; i++) {
    const value = field(5, struct);
    struct = field(1, Buffer.concat([field(1, Buffer.from("x-gateway-destination-endpoint-subset")), field(2, value)]));
  }
  const entry = Buffer.concat([field(1, Buffer.from("envoy.lb.subset_hint")), field(2, struct)]);
  return Buffer.concat([encodeProcessingRequest(requestHeaders()), field(8, field(1, entry))]);
}

const deepMessages = [65, 500, 3000].map(deepMetadata);

const modes: readonly BodyMode[] = ["NONE", "STREAMED", "BUFFERED", "BUFFERED_PARTIAL", "FULL_DUPLEX_STREAMED", "GRPC"];
const get = (headers: readonly (readonly [string, string])[]): OutgoingRequest =>
  requestHeaders({ method: "GET", path: "/v1/models", endOfStream: true, headers });

const anyMessages = (random: () => number): Said =>
  Array.from({ length: 1 + wholeNumber(random, 12) }, () =>
    oneOf(random, [
      requestHeaders({ mode: oneOf(random, modes), endOfStream: random() < 0.3 }),
      requestBody(oneOf(random, ["", "{", chatRequest]), random() < 0.5),
      requestTrailers,
      responseHeaders(
        oneOf(random, [100, 200, 503]),
        oneOf(random, ["text/event-stream", "application/json"]),
        random() < 0.2,
      ),
      responseBody(oneOf(random, ["", sse.token("a"), jsonAnswer]), random() < 0.4),
      responseTrailers,
    ]),
  );

export const hostileMessages: readonly HostileInput[] = [
  {
    name: "random bytes as a message",
    play: saying((random) => [randomBytes(random, 1 + wholeNumber(random, 300))]),
    // Bytes that happen to be unknown fields are no fault.
    allowed: ["grpc 3", "grpc 0"],
  },
  {
    name: "random bytes in the midst of a conversation",
    play: saying((random) => [
      requestHeaders(),
      requestBody(chatRequest, true),
      Buffer.concat([Buffer.from([0x2a]), randomBytes(random, 1), Buffer.from([0xff, 0xff])]),
    ]),
    allowed: ["grpc 3", "served"],
  },
  {
    name: "a field of another wire type",
    play: saying((random) => [
      Buffer.from([(oneOf(random, [2, 3, 4, 5, 6, 7, 8, 11]) << 3) | oneOf(random, [0, 1, 5]), 1, 1, 1, 1, 1, 1, 1, 1]),
    ]),
    allowed: ["grpc 3"],
  },
  {
    name: "wire types that do not exist",
    play: saying((random) => [Buffer.from([(9 << 3) | oneOf(random, [3, 4, 6, 7]), 1])]),
    allowed: ["grpc 3"],
  },
  {
    name: "a length beyond the message",
    play: saying(() => [Buffer.from([0x12, 0xff, 0xff, 0xff, 0xff, 0x07])]),
    allowed: ["grpc 3"],
  },
  {
    name: "a varint of eleven bytes",
    play: saying(() => [Buffer.from([0x50, ...Array.from({ length: 11 }, () => 0xff)])]),
    allowed: ["grpc 3"],
  },
  {
    name: "a message cut short",
    play: saying((random) => {
      const whole = encodeProcessingRequest(requestHeaders());
      return [whole.subarray(0, 1 + wholeNumber(random, whole.length - 2))];
    }),
    allowed: ["grpc 3", "grpc 0"],
  },
  {
    name: "a body mode that does not exist",
    play: saying((random) => [
      Buffer.concat([encodeProcessingRequest(get([])), field(11, Buffer.from([8, 6 + wholeNumber(random, 100)]))]),
    ]),
    allowed: ["grpc 3"],
  },
  {
    name: "a body mode and messages of another",
    play: saying((random) => [
      requestHeaders({ mode: oneOf(random, modes), responseMode: oneOf(random, modes) }),
      requestBody(chatRequest),
      requestBody("", true),
      requestTrailers,
      responseHeaders(),
      responseBody(sse.token("a")),
      responseTrailers,
      responseBody(sse.done, true),
    ]),
    allowed: ["served"],
  },
  { name: "messages in no order", play: saying(anyMessages), allowed: ["served", "grpc 0", "immediate 400"] },
  {
    name: "ten thousand messages of nothing",
    play: saying(() => Array.from({ length: 10_000 }, () => Buffer.alloc(0))),
    allowed: ["grpc 0"],
  },
  {
    name: "metadata nested too deep",
    play: saying((random) => [oneOf(random, deepMessages)]),
    allowed: ["grpc 3"],
  },
  {
    name: "a subset of 20,000 entries that are none",
    play: saying((random) => [
      requestHeaders({
        method: "GET",
        path: "/v1/models",
        endOfStream: true,
        subset: Array.from({ length: 20_000 }, () =>
          oneOf(random, ["", "[", "]:1", "[::", "999.1.1.1:99999", ",,,", "\u0000"]),
        ),
      }),
    ]),
    allowed: ["immediate 503"],
  },
  {
    name: "a header name of 1 MB",
    play: saying(() => [get([["x".repeat(1 << 20), "1"]])]),
    allowed: ["served"],
  },
  {
    name: "header values of 3 MB",
    play: saying((random) => [
      get([[oneOf(random, ["x-request-id", "x-llm-d-inference-objective", "cookie"]), "v".repeat(3 << 20)]]),
    ]),
    allowed: ["served"],
  },
  {
    name: "5,000 header lines",
    play: saying(() => [get(Array.from({ length: 5000 }, (_, i) => [`x-${i}`, "1"] as const))]),
    allowed: ["grpc 3"],
  },
  {
    name: "header values that are no UTF-8",
    play: saying((random) => {
      const line = Buffer.concat([field(1, Buffer.from("x-request-id")), field(3, randomBytes(random, 40))]);
      const method = Buffer.concat([field(1, Buffer.from(":method")), field(3, Buffer.from([0xff, 0xfe]))]);
      return [
        field(2, Buffer.concat([field(1, Buffer.concat([field(1, line), field(1, method)])), Buffer.from([0x18, 1])])),
      ];
    }),
    allowed: ["served"],
  },
  {
    name: "names of the language as names",
    play: saying((random) => {
      const name = oneOf(random, ["__proto__", "constructor", "toString", "hasOwnProperty"]);
      return [
        requestHeaders({ objective: name, headers: [[name, name]] }),
        requestBody(
          `{"model":"${name}","__proto__":{"model":1},"messages":[{"role":"user","content":"${name}"}]}`,
          true,
        ),
      ];
    }),
    allowed: ["served"],
  },
];
