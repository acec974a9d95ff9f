import { parseRequest } from "../../picker/request/parse.ts";
import { fieldNames } from "../../picker/request/json-cursor.ts";
import { scanFields } from "../../picker/request/json-scan.ts";
import type { Bench, BenchCase } from "./compare.ts";

const texts = {
  ascii: "The quick brown fox jumps over the lazy dog, twice a day. ",
  "non-ascii": "Der schnelle Fuchs springt über 日本の犬。 ",
  escapes: 'say "yes" or "no",\n\tthen \\ stop. ',
} as const;

/** A conversation of messages of about 1 KB each, `bytes` long in all. */
function chatBody(text: string, bytes: number): Buffer {
  const content = text.repeat(Math.ceil(1000 / JSON.stringify(text).length));
  const messages: object[] = [];
  const body = () => Buffer.from(JSON.stringify({ model: "m", messages, stream: true, max_tokens: 256 }));
  while (body().length < bytes) messages.push({ role: messages.length % 2 === 0 ? "user" : "assistant", content });
  return body();
}

type Chat = {
  readonly model: string;
  readonly stream: boolean;
  readonly max_tokens: number;
  readonly messages: readonly { readonly content: string }[];
};

/** What a picker without byte ranges does: decode, parse, and walk to the text that is to be hashed. */
function decodeAndWalk(body: Buffer): number {
  const chat = JSON.parse(body.toString()) as Chat;
  let length = chat.model.length + chat.max_tokens;
  for (const { content } of chat.messages) length += content.length;
  return chat.stream ? length : -length;
}

const wanted = fieldNames("model", "cache_salt", "tools", "messages");

function casesOf(kind: keyof typeof texts, kilobytes: number): readonly BenchCase[] {
  const body = chatBody(texts[kind], kilobytes * 1024);
  return [
    {
      name: `${kind} ${kilobytes} KB, parsed and checked`,
      baseline: () => decodeAndWalk(body),
      candidate: () => parseRequest("openai-chat", body),
      baselineName: "utf8 text, JSON.parse, walk",
    },
    {
      name: `${kind} ${kilobytes} KB, ranges only`,
      baseline: () => decodeAndWalk(body),
      candidate: () => scanFields(body, wanted).size,
      baselineName: "utf8 text, JSON.parse, walk",
      note: "the part of parsing that finds the bytes of the prompt",
    },
  ];
}

export const bench: Bench = {
  name: "read a chat request's body",
  cases: () =>
    (["ascii", "non-ascii", "escapes"] as const).flatMap((kind) => [4, 16, 64].flatMap((size) => casesOf(kind, size))),
};
