import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { textOf, VirtualReplica } from "../virtual-replica.ts";

const approving = process.env["UPDATE_GOLDEN"] === "1";
const directory = fileURLToPath(new URL("golden/", import.meta.url));
const messages = [
  { role: "system", content: "Be brief." },
  { role: "user", content: [{ type: "text", text: "What is a pod?" }] },
];
const usage = { include_usage: true };

/** One request each; the answer, byte for byte, is in `golden/<name>.txt`. */
const cases: readonly { readonly name: string; readonly path: string; readonly body: unknown }[] = [
  { name: "chat", path: "/v1/chat/completions", body: { model: "base", messages, max_tokens: 3 } },
  { name: "chat-stream", path: "/v1/chat/completions", body: { model: "base", messages, max_tokens: 3, stream: true } },
  {
    name: "chat-stream-choices-usage",
    path: "/v1/chat/completions",
    body: { model: "sql", messages, max_tokens: 2, n: 2, stream: true, stream_options: usage },
  },
  {
    name: "chat-stream-continuous-usage",
    path: "/v1/chat/completions",
    body: {
      model: "base",
      messages,
      max_completion_tokens: 2,
      stream: true,
      stream_options: { ...usage, continuous_usage_stats: true },
    },
  },
  { name: "completions", path: "/v1/completions", body: { model: "base", prompt: "Once upon", max_tokens: 2 } },
  {
    name: "completions-prompts-stream",
    path: "/v1/completions",
    body: { model: "base", prompt: [[1, 2, 3], [4]], max_tokens: 2, stream: true, stream_options: usage },
  },
  { name: "embeddings", path: "/v1/embeddings", body: { model: "base", input: ["a", "b"], dimensions: 3 } },
  {
    name: "embeddings-base64",
    path: "/v1/embeddings",
    body: { model: "base", input: "a", dimensions: 3, encoding_format: "base64" },
  },
  {
    name: "messages",
    path: "/v1/messages",
    body: { model: "base", system: "Be brief.", messages: messages.slice(1), max_tokens: 3 },
  },
  {
    name: "messages-stream",
    path: "/v1/messages",
    body: { model: "base", messages: messages.slice(1), max_tokens: 2, stream: true },
  },
  { name: "responses", path: "/v1/responses", body: { model: "base", input: "Hi", max_output_tokens: 2 } },
  {
    name: "responses-stream",
    path: "/v1/responses",
    body: { model: "base", input: messages, max_output_tokens: 2, stream: true },
  },
];

describe("answers, byte for byte", () => {
  it.each(cases)("$name", ({ name, path, body }) => {
    const seen = new VirtualReplica({ loras: ["sql"] }).ask(path, body);
    const text = `${seen.status} ${seen.contentType}\n\n${textOf(seen)}`;
    const file = `${directory}${name}.txt`;
    if (approving) {
      mkdirSync(directory, { recursive: true });
      writeFileSync(file, text);
    }
    expect(existsSync(file)).toBe(true);
    expect(text).toBe(readFileSync(file, "utf8"));
  });
});
