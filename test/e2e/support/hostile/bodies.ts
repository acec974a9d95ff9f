/** Hostile bodies in conversations that are otherwise as they should be. */
import {
  chatRequest,
  requestBody,
  requestHeaders,
  responseBody,
  responseHeaders,
} from "../../../support/extproc-messages.ts";
import { RawStream } from "../../../support/extproc-raw-client.ts";
import {
  answerOf,
  isRouted,
  oneOf,
  randomBytes,
  wholeNumber,
  type Answer,
  type HostileInput,
  type Target,
} from "./input.ts";

const paths = ["/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/embeddings", "/v1/messages"];

/** Sends a body to a path that reads it, in chunks of at most this length. */
const asking =
  (body: (random: () => number) => Buffer, chunkBytes = 32_768): HostileInput["play"] =>
  async ({ shared }, random) => {
    const stream = new RawStream(shared).say(requestHeaders({ path: oneOf(random, paths) }));
    const bytes = body(random);
    for (let at = 0; at < bytes.length; at += chunkBytes) stream.say(requestBody(bytes.subarray(at, at + chunkBytes)));
    stream.say(requestBody("", true));
    await stream.until(() => isRouted(stream));
    return answerOf(stream.halfClose());
  };

const bodyIn = ({ replies }: RawStream, direction: "request" | "response"): Buffer =>
  Buffer.concat(
    replies.flatMap((reply) =>
      reply.kind === "body" && reply.direction === direction && reply.common.body?.kind === "streamed"
        ? [reply.common.body.body]
        : [],
    ),
  );

/** Whether the last reply ended a body. */
const hasEnded = ({ replies }: RawStream, direction: "request" | "response"): boolean => {
  const last = replies.at(-1);
  const body = last?.kind === "body" && last.direction === direction ? last.common.body : undefined;
  return body?.kind === "streamed" && body.endOfStream;
};

const served = (got: Buffer, want: Buffer): Answer =>
  got.equals(want) ? { kind: "served" } : { kind: "garbled", what: `${got.length} bytes instead of ${want.length}` };

/** A response body, which must come back byte for byte, whatever it is. */
const answering =
  (body: (random: () => number) => Buffer, status = 200, contentType = "text/event-stream"): HostileInput["play"] =>
  async ({ shared }: Target, random) => {
    const stream = new RawStream(shared).say(requestHeaders()).say(requestBody(chatRequest, true));
    stream.say(responseHeaders(status, contentType));
    const bytes = body(random);
    const chunkBytes = Math.ceil(bytes.length / 500) + wholeNumber(random, 50_000);
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      stream.say(responseBody(bytes.subarray(at, at + chunkBytes)));
      await stream.flushed();
    }
    stream.say(responseBody("", true));
    const isWhole = await stream.until(() => hasEnded(stream, "response"));
    stream.halfClose();
    if (!isWhole) return answerOf(stream);
    await stream.over;
    return served(bodyIn(stream, "response"), bytes);
  };

/** A chat request in chunks of one byte: it must be routed and come on whole. */
const tinyChunks: HostileInput["play"] = async ({ shared }) => {
  const body = Buffer.from(chatRequest.replace("Say hello.", "x".repeat(5000)));
  const stream = new RawStream(shared).say(requestHeaders());
  for (const byte of body) stream.say(requestBody(Buffer.from([byte]))).say(requestBody(""));
  stream.say(requestBody("", true));
  const isWhole = await stream.until(() => hasEnded(stream, "request"));
  stream.halfClose();
  if (!isWhole) return answerOf(stream);
  await stream.over;
  return served(bodyIn(stream, "request"), body);
};

const open = '{"model":"m","input":"i","prompt":"p","max_tokens":1,"messages":';
const nested = (depth: number): string => "[".repeat(depth);
const closed = (depth: number): string => "]".repeat(depth);
const event = (data: string): string => `data: ${data}\n\n`;

export const hostileBodies: readonly HostileInput[] = [
  {
    name: "a body of random bytes",
    play: asking((random) => randomBytes(random, 1 + wholeNumber(random, 5000))),
    allowed: ["immediate 400"],
  },
  {
    name: "a body that is no UTF-8",
    play: asking((random) =>
      Buffer.concat([
        Buffer.from(`${open}[{"role":"user","content":"`),
        Buffer.from([0xc0, 0x80 + wholeNumber(random, 64)]),
        Buffer.from('"}]}'),
      ]),
    ),
    allowed: ["immediate 400"],
  },
  {
    name: "a body nested 100,000 deep that never closes",
    play: asking(() => Buffer.from(open + nested(100_000))),
    allowed: ["immediate 400"],
  },
  {
    name: "a body nested 100,000 deep that closes wrongly",
    play: asking(() => Buffer.from(`${open}${nested(100_000)}${closed(99_999)}}`)),
    allowed: ["immediate 400"],
  },
  {
    name: "a body nested 200,000 deep",
    play: asking(() => Buffer.from(`${open}[{"role":"user","content":${nested(200_000)}${closed(200_000)}}]}`)),
    allowed: ["served"],
  },
  {
    name: "objects nested 50,000 deep",
    play: asking(() =>
      Buffer.from(`${open}[{"role":"user","content":${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}}]}`),
    ),
    allowed: ["served"],
  },
  {
    name: "JSON that is no object",
    play: asking((random) => Buffer.from(oneOf(random, ["1", "null", "[]", '"text"', "true", "1e999", "-"]))),
    allowed: ["immediate 400"],
  },
  {
    name: "fields of other types",
    play: asking((random) => {
      const value = oneOf(random, ["null", "1e400", "[[]]", "{}", '""', "[1,2.5]", "false"]);
      return Buffer.from(`{"model":${value},"messages":${value},"prompt":${value},"input":${value}}`);
    }),
    allowed: ["immediate 400"],
  },
  {
    name: "20,000 fields, the model among them many times",
    play: asking(() => {
      const fields = Array.from({ length: 20_000 }, (_, i) => `"f${i}":${i},"model":"m${i}"`).join(",");
      return Buffer.from(
        `{${fields},"prompt":"p","input":"i","max_tokens":1,"messages":[{"role":"user","content":"c"}]}`,
      );
    }),
    allowed: ["served"],
  },
  {
    name: "an escaped text of half a megabyte",
    play: asking(() => Buffer.from(`${open}[{"role":"user","content":"${'\\u0000\\"'.repeat(60_000)}"}]}`)),
    allowed: ["served"],
  },
  { name: "a body in chunks of one byte", play: tinyChunks, allowed: ["served"] },
  {
    name: "an event stream of random bytes",
    play: answering((random) => randomBytes(random, wholeNumber(random, 20_000))),
    allowed: ["served"],
  },
  {
    name: "an event of a megabyte without an end",
    play: answering(() => Buffer.from(`data: {"choices":[{"delta":{"content":"${"x".repeat(1 << 20)}`)),
    allowed: ["served"],
  },
  {
    name: "events nested 50,000 deep",
    play: answering(() => Buffer.from(event(`{"choices":${nested(50_000)}${closed(50_000)}}`) + event(nested(50_000)))),
    allowed: ["served"],
  },
  {
    name: "events with numbers that are none",
    play: answering((random) => {
      const value = oneOf(random, ["-1", "1e400", "1.5", "9007199254740993", '"7"', "null", "[]", "NaN"]);
      return Buffer.from(
        event(`{"choices":[{"index":${value},"delta":{"content":"a"}}]}`) +
          event(`{"choices":[],"usage":{"prompt_tokens":${value},"completion_tokens":${value}}}`) +
          event("[DONE]"),
      );
    }),
    allowed: ["served"],
  },
  {
    name: "events with an index of a billion",
    play: answering(() =>
      Buffer.from(event('{"choices":[{"index":1000000000,"delta":{"content":"a"},"finish_reason":"stop"}]}')),
    ),
    allowed: ["served"],
  },
  {
    name: "100,000 line ends",
    play: answering((random) => Buffer.from(oneOf(random, ["\n", "\r", "\r\n", ":\n", "data:\n"]).repeat(100_000))),
    allowed: ["served"],
  },
  {
    name: "a JSON answer of random bytes",
    play: answering((random) => randomBytes(random, 20_000), 200, "application/json"),
    allowed: ["served"],
  },
  {
    name: "a content type that is none",
    play: answering((random) => randomBytes(random, 200), 999, "\u0000;;;=,text/event-stream"),
    allowed: ["served"],
  },
];
