/** What the picker answers itself. */
import { anthropicRequest, chatRequest, requestBody, requestHeaders } from "../../../support/extproc-messages.ts";
import type { TranscriptCase } from "./case.ts";
import { configured } from "./destinations.ts";

const sends =
  (path: string, body: string): TranscriptCase["play"] =>
  (open) =>
    open().say(requestHeaders({ path })).say(requestBody(body)).say(requestBody("", true)).close();

const chat = "/v1/chat/completions";
const messages = "/v1/messages";
const holdMs = 1500;
/** An empty pool, for whose first endpoint requests wait this long. */
const nobody = { endpoints: [], flow: { holdForZero: { budgetMs: holdMs, learned: undefined } } };

const sendsAndWaits =
  (path: string, body: string): TranscriptCase["play"] =>
  (open) =>
    open().say(requestHeaders({ path })).say(requestBody(body, true)).at(holdMs).close();

const prefillOnly = {
  endpoints: [{ labels: { "llm-d.ai/role": "prefill" } }],
  configuration: configured('{"type":"queue-scorer"},{"type":"decode-filter"}'),
};

export const refusals: readonly TranscriptCase[] = [
  { name: "400-not-json", play: sends(chat, '{"model":"llama",\n "messages":[}') },
  { name: "400-not-json-anthropic", play: sends(messages, "{") },
  { name: "400-empty-body", play: sends(chat, "") },
  { name: "400-no-model", play: sends(chat, '{"messages":[{"role":"user","content":"x"}]}') },
  { name: "400-no-messages-anthropic", play: sends(messages, '{"model":"llama","max_tokens":1}') },
  {
    name: "400-buffered",
    play: (open) =>
      open()
        .say(requestHeaders({ mode: "BUFFERED" }))
        .say(requestBody("[]", true))
        .close(),
  },
  {
    name: "413-one-byte-too-large",
    options: { maxBodyBytes: 100 },
    play: (open) => {
      open()
        .say(requestHeaders())
        .say(requestBody("x".repeat(100)))
        .say(requestBody("x"))
        .say(requestBody("", true))
        .close();
    },
  },
  {
    name: "413-anthropic",
    options: { maxBodyBytes: 100 },
    play: sends(messages, "x".repeat(101)),
  },
  { name: "503-empty-pool", options: nobody, play: sendsAndWaits(chat, chatRequest) },
  { name: "503-empty-pool-anthropic", options: nobody, play: sendsAndWaits(messages, anthropicRequest) },
  {
    name: "client-gone-while-it-waited",
    options: nobody,
    play: (open) => open().say(requestHeaders()).say(requestBody(chatRequest, true)).at(400).close(),
  },
  {
    name: "shut-down-while-it-waited",
    options: nobody,
    play: (open, core) => {
      const waiting = open().say(requestHeaders()).say(requestBody(chatRequest, true)).at(400);
      core.director.drain();
      waiting.close();
    },
  },
  { name: "429-filters-left-nobody", options: prefillOnly, play: sends(chat, chatRequest) },
  {
    name: "503-shutting-down",
    play: (open, core) => {
      const before = open().say(requestHeaders()).say(requestBody(chatRequest, true));
      core.director.drain();
      open().say(requestHeaders()).say(requestBody(chatRequest, true)).close();
      open().say(requestHeaders({ method: "GET", path: "/v1/models", endOfStream: true })).close();
      before.close();
    },
  },
];
