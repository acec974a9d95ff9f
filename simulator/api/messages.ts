import { z } from "zod";
import { TokenBuffer } from "../tokenizer.ts";
import { namedEvent } from "./answer.ts";
import type { Answer, AnswerIdentity, ChoiceResult, DecodedRequest, Usage } from "./answer.ts";
import { contentSchema, pushContent } from "./chat.ts";
import { unknownModel } from "./problem.ts";
import { outputLimits, schemaProblem } from "./sampling.ts";
import { resolveModel } from "./served-models.ts";
import type { ServedModels } from "./served-models.ts";

const promptFields = {
  model: z.string(),
  messages: z.array(z.looseObject({ role: z.enum(["user", "assistant"]), content: contentSchema })).min(1),
  system: contentSchema,
  tools: z.array(z.unknown()).nullish(),
};
const countSchema = z.looseObject(promptFields);
const bodySchema = z.looseObject({
  ...promptFields,
  max_tokens: z.int().min(1),
  stream: z.boolean().nullish(),
});

function promptOf({ system, messages, tools }: z.infer<typeof countSchema>): Uint32Array {
  const tokens = new TokenBuffer();
  if (tools != null && tools.length > 0) tokens.pushMark("tools").pushText(JSON.stringify(tools));
  if (system != null) {
    tokens.pushMark("role system");
    pushContent(tokens, system);
    tokens.pushMark("end");
  }
  for (const { role, content } of messages) {
    tokens.pushMark(`role ${role}`);
    pushContent(tokens, content);
    tokens.pushMark("end");
  }
  return tokens.pushMark("role assistant").toTokens();
}

/** In this API the input tokens leave out those that came from the cache. */
const usageBody = ({ promptTokens, completionTokens, cachedTokens }: Usage) => ({
  input_tokens: promptTokens - cachedTokens,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: cachedTokens,
  output_tokens: completionTokens,
});

const stopReason = (reason: ChoiceResult["reason"] | undefined): string =>
  reason === "length" ? "max_tokens" : "end_turn";

function answerOf(model: string, stream: boolean, { id }: AnswerIdentity): Answer {
  const message = (content: readonly unknown[], reason: string | null, usage: Usage) => ({
    id: `msg_${id}`,
    type: "message",
    role: "assistant",
    model,
    content,
    stop_reason: reason,
    stop_sequence: null,
    usage: usageBody(usage),
  });
  if (!stream) {
    return {
      kind: "whole",
      render: ([result], usage) =>
        message([{ type: "text", text: result?.text ?? "" }], stopReason(result?.reason), usage),
    };
  }
  return {
    kind: "stream",
    opening: (usage) =>
      namedEvent({ type: "message_start", message: message([], null, usage) }) +
      namedEvent({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }) +
      namedEvent({ type: "ping" }),
    token: (_choice, text) =>
      `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,` +
      `"delta":{"type":"text_delta","text":"${text}"}}\n\n`,
    closing: ([result], usage) =>
      namedEvent({ type: "content_block_stop", index: 0 }) +
      namedEvent({
        type: "message_delta",
        delta: { stop_reason: stopReason(result?.reason), stop_sequence: null },
        usage: usageBody(usage),
      }) +
      namedEvent({ type: "message_stop" }),
  };
}

/** `POST /v1/messages`. */
export function decodeMessages(json: unknown, served: ServedModels): DecodedRequest {
  const parsed = bodySchema.safeParse(json);
  if (!parsed.success) return { kind: "problem", problem: schemaProblem(parsed.error) };
  const { model, stream, max_tokens: maxTokens } = parsed.data;
  const resolved = resolveModel(served, model);
  if (resolved === undefined) return { kind: "problem", problem: unknownModel(model) };
  const prompt = promptOf(parsed.data);
  const bounded = outputLimits(served, prompt.length, { maxTokens, minTokens: 0, ignoreEos: false });
  if (!bounded.ok) return { kind: "problem", problem: bounded.problem };
  return {
    kind: "generate",
    generation: {
      model,
      adapter: resolved.adapter,
      prompts: [prompt],
      choicesPerPrompt: 1,
      limits: bounded.limits,
      seed: undefined,
      cacheSalt: undefined,
      answer: (identity) => answerOf(model, stream === true, identity),
    },
  };
}

/** `POST /v1/messages/count_tokens`. */
export function decodeCountTokens(json: unknown, served: ServedModels): DecodedRequest {
  const parsed = countSchema.safeParse(json);
  if (!parsed.success) return { kind: "problem", problem: schemaProblem(parsed.error) };
  const { model } = parsed.data;
  if (resolveModel(served, model) === undefined) return { kind: "problem", problem: unknownModel(model) };
  return { kind: "answer", body: { input_tokens: promptOf(parsed.data).length } };
}
