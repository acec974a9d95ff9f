import { z } from "zod";
import { TokenBuffer } from "../tokenizer.ts";
import { namedEvent } from "./answer.ts";
import type { Answer, AnswerIdentity, ChoiceResult, DecodedRequest, StreamAnswer, Usage } from "./answer.ts";
import { contentSchema, pushContent } from "./chat.ts";
import { unknownModel } from "./problem.ts";
import { outputLimits, schemaProblem } from "./sampling.ts";
import { resolveModel } from "./served-models.ts";
import type { ServedModels } from "./served-models.ts";

const item = z.looseObject({ type: z.string().optional(), role: z.string().optional(), content: contentSchema });
const bodySchema = z.looseObject({
  model: z.string().optional(),
  input: z.union([z.string(), z.array(item).min(1)]),
  instructions: z.string().nullish(),
  max_output_tokens: z.int().min(1).nullish(),
  stream: z.boolean().nullish(),
  tools: z.array(z.unknown()).nullish(),
});
type Body = z.infer<typeof bodySchema>;

function promptOf({ input, instructions, tools }: Body): Uint32Array {
  const tokens = new TokenBuffer();
  if (tools != null && tools.length > 0) tokens.pushMark("tools").pushText(JSON.stringify(tools));
  if (instructions != null) tokens.pushMark("role system").pushText(instructions).pushMark("end");
  const items = typeof input === "string" ? [{ role: "user", content: input }] : input;
  for (const one of items) {
    tokens.pushMark(`role ${one.role ?? "tool"}`);
    pushContent(tokens, one.content ?? JSON.stringify(one));
    tokens.pushMark("end");
  }
  return tokens.pushMark("role assistant").toTokens();
}

const usageBody = ({ promptTokens, completionTokens, cachedTokens }: Usage) => ({
  input_tokens: promptTokens,
  input_tokens_details: { cached_tokens: cachedTokens },
  output_tokens: completionTokens,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: promptTokens + completionTokens,
});

/** Where an event of the output text belongs. */
type Place = { readonly item_id: string; readonly output_index: 0; readonly content_index: 0 };

const textPart = (text: string) => ({ type: "output_text", text, annotations: [], logprobs: [] });
const messageItem = (id: string, status: string, content: readonly unknown[]) => ({
  id,
  type: "message",
  role: "assistant",
  status,
  content,
});

/** The response object, which the first, second and last event of a stream repeat. */
function responseOf(body: Body, model: string, { id, createdAtSeconds }: AnswerIdentity) {
  return (status: string, output: readonly unknown[], usage: Usage | undefined) => ({
    id: `resp_${id}`,
    object: "response",
    created_at: Math.floor(createdAtSeconds),
    model,
    status,
    error: null,
    incomplete_details: status === "incomplete" ? { reason: "max_output_tokens" } : null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    metadata: {},
    output,
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: "auto",
    tools: body.tools ?? [],
    top_p: 1,
    usage: usage === undefined ? null : usageBody(usage),
  });
}

const statusOf = (result: ChoiceResult | undefined): string =>
  result?.reason === "length" ? "incomplete" : "completed";

/** The last event is `response.completed` with the status inside, as vLLM sends it also where the limit was reached. */
function streamAnswer(itemId: string, response: ReturnType<typeof responseOf>): StreamAnswer {
  let sequence = 0;
  const place: Place = { item_id: itemId, output_index: 0, content_index: 0 };
  const event = (type: string, fields: Readonly<Record<string, unknown>>): string =>
    namedEvent({ type, sequence_number: sequence++, ...fields });
  return {
    kind: "stream",
    opening: () =>
      event("response.created", { response: response("in_progress", [], undefined) }) +
      event("response.in_progress", { response: response("in_progress", [], undefined) }) +
      event("response.output_item.added", { output_index: 0, item: messageItem(itemId, "in_progress", []) }) +
      event("response.content_part.added", { ...place, part: textPart("") }),
    token: (_choice, delta) => event("response.output_text.delta", { ...place, delta, logprobs: [] }),
    closing: ([result], usage) => {
      const text = result?.text ?? "";
      const done = messageItem(itemId, statusOf(result), [textPart(text)]);
      return (
        event("response.output_text.done", { ...place, text, logprobs: [] }) +
        event("response.content_part.done", { ...place, part: textPart(text) }) +
        event("response.output_item.done", { output_index: 0, item: done }) +
        event("response.completed", { response: response(statusOf(result), [done], usage) })
      );
    },
  };
}

function answerOf(body: Body, model: string, identity: AnswerIdentity): Answer {
  const response = responseOf(body, model, identity);
  const itemId = `msg_${identity.id}`;
  if (body.stream === true) return streamAnswer(itemId, response);
  return {
    kind: "whole",
    render: ([result], usage) =>
      response(statusOf(result), [messageItem(itemId, statusOf(result), [textPart(result?.text ?? "")])], usage),
  };
}

/** `POST /v1/responses`. */
export function decodeResponses(json: unknown, served: ServedModels): DecodedRequest {
  const parsed = bodySchema.safeParse(json);
  if (!parsed.success) return { kind: "problem", problem: schemaProblem(parsed.error) };
  const body = parsed.data;
  const model = body.model ?? served.names[0];
  const resolved = resolveModel(served, model);
  if (resolved === undefined) return { kind: "problem", problem: unknownModel(model) };
  const prompt = promptOf(body);
  const maxTokens = body.max_output_tokens ?? undefined;
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
      answer: (identity) => answerOf(body, model, identity),
    },
  };
}
