import { z } from "zod";
import { TokenBuffer } from "../tokenizer.ts";
import { dataEvent } from "./answer.ts";
import type { Answer, AnswerIdentity, ChoiceResult, DecodedRequest, StreamAnswer, Usage } from "./answer.ts";
import { openaiUsage, usageInStream } from "./openai-usage.ts";
import type { UsageInStream } from "./openai-usage.ts";
import { unknownModel } from "./problem.ts";
import { outputLimits, samplingFields, schemaProblem } from "./sampling.ts";
import { resolveModel } from "./served-models.ts";
import type { ServedModels } from "./served-models.ts";

const part = z.looseObject({ type: z.string(), text: z.string().optional() });

/** The content of a message: text, parts, or nothing (a message that only calls tools). */
export const contentSchema = z.union([z.string(), z.array(part)]).nullish();
export type Content = z.infer<typeof contentSchema>;

const bodySchema = z.looseObject({
  ...samplingFields,
  messages: z
    .array(z.looseObject({ role: z.string(), content: contentSchema, tool_calls: z.unknown().optional() }))
    .min(1),
  max_tokens: z.int().nullish(),
  max_completion_tokens: z.int().nullish(),
  tools: z.array(z.unknown()).nullish(),
});

type Body = z.infer<typeof bodySchema>;

/** A part that is not text counts by the bytes of its JSON. */
export function pushContent(tokens: TokenBuffer, content: Content): void {
  if (typeof content === "string") tokens.pushText(content);
  else for (const item of content ?? []) tokens.pushText(item.text ?? JSON.stringify(item));
}

function promptOf({ messages, tools }: Body): Uint32Array {
  const tokens = new TokenBuffer();
  if (tools != null && tools.length > 0) tokens.pushMark("tools").pushText(JSON.stringify(tools));
  for (const { role, content, tool_calls: calls } of messages) {
    tokens.pushMark(`role ${role}`);
    pushContent(tokens, content);
    if (calls != null) tokens.pushText(JSON.stringify(calls));
    tokens.pushMark("end");
  }
  return tokens.pushMark("role assistant").toTokens();
}

function streamAnswer(head: object, choices: number, usageWhen: UsageInStream): StreamAnswer {
  const start = JSON.stringify(head).slice(0, -1);
  const usageText = (usage: Usage) => (usageWhen.continuous ? `,"usage":${JSON.stringify(openaiUsage(usage))}` : "");
  const chunk = (choice: number, delta: string, reason: string, usage: Usage): string =>
    `data: ${start},"choices":[{"index":${choice},"delta":${delta},"logprobs":null,"finish_reason":${reason}}]` +
    `${usageText(usage)}}\n\n`;
  return {
    kind: "stream",
    opening: (usage) => {
      let text = "";
      for (let i = 0; i < choices; i++) text += chunk(i, '{"role":"assistant","content":""}', "null", usage);
      return text;
    },
    token: (choice, text, reason, usage) =>
      chunk(choice, `{"content":"${text}"}`, reason === undefined ? "null" : `"${reason}"`, usage),
    closing: (_results, usage) =>
      (usageWhen.atEnd ? dataEvent({ ...head, choices: [], usage: openaiUsage(usage) }) : "") + "data: [DONE]\n\n",
  };
}

const choiceBody = ({ text, reason }: ChoiceResult, index: number) => ({
  index,
  message: { role: "assistant", content: text, refusal: null, tool_calls: [] },
  logprobs: null,
  finish_reason: reason,
  stop_reason: null,
});

function answerOf(body: Body, model: string, choices: number, { id, createdAtSeconds }: AnswerIdentity): Answer {
  const head = (object: string) => ({ id: `chatcmpl-${id}`, object, created: Math.floor(createdAtSeconds), model });
  if (body.stream === true) return streamAnswer(head("chat.completion.chunk"), choices, usageInStream(body));
  return {
    kind: "whole",
    render: (results, usage) => ({
      ...head("chat.completion"),
      choices: results.map(choiceBody),
      usage: openaiUsage(usage),
    }),
  };
}

/** `POST /v1/chat/completions`. */
export function decodeChat(json: unknown, served: ServedModels): DecodedRequest {
  const parsed = bodySchema.safeParse(json);
  if (!parsed.success) return { kind: "problem", problem: schemaProblem(parsed.error) };
  const body = parsed.data;
  const model = body.model ?? served.names[0];
  const resolved = resolveModel(served, model);
  if (resolved === undefined) return { kind: "problem", problem: unknownModel(model) };
  const prompt = promptOf(body);
  const bounded = outputLimits(served, prompt.length, {
    maxTokens: body.max_completion_tokens ?? body.max_tokens ?? undefined,
    minTokens: body.min_tokens ?? 0,
    ignoreEos: body.ignore_eos === true,
  });
  if (!bounded.ok) return { kind: "problem", problem: bounded.problem };
  const choices = body.n ?? 1;
  return {
    kind: "generate",
    generation: {
      model,
      adapter: resolved.adapter,
      prompts: [prompt],
      choicesPerPrompt: choices,
      limits: bounded.limits,
      seed: body.seed ?? undefined,
      cacheSalt: body.cache_salt ?? undefined,
      answer: (identity) => answerOf(body, model, choices, identity),
    },
  };
}
