import { z } from "zod";
import { dataEvent } from "./answer.ts";
import type { Answer, AnswerIdentity, DecodedRequest, StreamAnswer, Usage } from "./answer.ts";
import { openaiUsage, usageInStream } from "./openai-usage.ts";
import type { UsageInStream } from "./openai-usage.ts";
import { unknownModel } from "./problem.ts";
import { outputLimits, samplingFields, schemaProblem } from "./sampling.ts";
import { resolveModel } from "./served-models.ts";
import type { ServedModels } from "./served-models.ts";
import { inputTokens, textInputSchema } from "./text-input.ts";

/** Where the request does not say. */
const defaultMaxTokens = 16;

const bodySchema = z.looseObject({
  ...samplingFields,
  prompt: textInputSchema,
  max_tokens: z.int().nullish(),
});

function streamAnswer(head: object, usageWhen: UsageInStream): StreamAnswer {
  const start = JSON.stringify(head).slice(0, -1);
  const usageText = (usage: Usage) => (usageWhen.continuous ? JSON.stringify(openaiUsage(usage)) : "null");
  return {
    kind: "stream",
    opening: () => "",
    token: (choice, text, reason, usage) =>
      `data: ${start},"choices":[{"index":${choice},"text":"${text}","logprobs":null,` +
      `"finish_reason":${reason === undefined ? "null" : `"${reason}"`},"stop_reason":null}],` +
      `"usage":${usageText(usage)}}\n\n`,
    closing: (_results, usage) =>
      (usageWhen.atEnd ? dataEvent({ ...head, choices: [], usage: openaiUsage(usage) }) : "") + "data: [DONE]\n\n",
  };
}

type Body = z.infer<typeof bodySchema>;

function answerOf(body: Body, model: string, { id, createdAtSeconds }: AnswerIdentity): Answer {
  const head = { id: `cmpl-${id}`, object: "text_completion", created: Math.floor(createdAtSeconds), model };
  if (body.stream === true) return streamAnswer(head, usageInStream(body));
  return {
    kind: "whole",
    render: (results, usage) => ({
      ...head,
      choices: results.map(({ text, reason }, index) => ({
        index,
        text,
        logprobs: null,
        finish_reason: reason,
        stop_reason: null,
      })),
      usage: openaiUsage(usage),
    }),
  };
}

/** `POST /v1/completions`. */
export function decodeCompletions(json: unknown, served: ServedModels): DecodedRequest {
  const parsed = bodySchema.safeParse(json);
  if (!parsed.success) return { kind: "problem", problem: schemaProblem(parsed.error) };
  const body = parsed.data;
  const model = body.model ?? served.names[0];
  const resolved = resolveModel(served, model);
  if (resolved === undefined) return { kind: "problem", problem: unknownModel(model) };
  const prompts = inputTokens(body.prompt);
  const bounded = outputLimits(served, Math.max(...prompts.map((prompt) => prompt.length)), {
    maxTokens: body.max_tokens ?? defaultMaxTokens,
    minTokens: body.min_tokens ?? 0,
    ignoreEos: body.ignore_eos === true,
  });
  if (!bounded.ok) return { kind: "problem", problem: bounded.problem };
  return {
    kind: "generate",
    generation: {
      model,
      adapter: resolved.adapter,
      prompts,
      choicesPerPrompt: body.n ?? 1,
      limits: bounded.limits,
      seed: body.seed ?? undefined,
      cacheSalt: body.cache_salt ?? undefined,
      answer: (identity) => answerOf(body, model, identity),
    },
  };
}
