import { z } from "zod";
import { seededRandom } from "#random";
import type { DecodedRequest } from "./answer.ts";
import { unknownModel } from "./problem.ts";
import { outputLimits, schemaProblem } from "./sampling.ts";
import { resolveModel } from "./served-models.ts";
import type { ServedModels } from "./served-models.ts";
import { inputTokens, textInputSchema } from "./text-input.ts";

const defaultDimensions = 384;

const bodySchema = z.looseObject({
  model: z.string().optional(),
  input: textInputSchema,
  dimensions: z.int().min(1).max(8192).nullish(),
  encoding_format: z.enum(["float", "base64"]).nullish(),
});

/** A unit vector that depends on the tokens alone. */
export function embeddingOf(tokens: Uint32Array, dimensions: number): Float32Array {
  let seed = 0;
  for (const token of tokens) seed = (Math.imul(seed, 31) + token) | 0;
  const random = seededRandom(seed);
  const vector = Float32Array.from({ length: dimensions }, () => random() * 2 - 1);
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
}

const base64 = (vector: Float32Array): string => Buffer.from(vector.buffer).toString("base64");

/** `POST /v1/embeddings`. */
export function decodeEmbeddings(json: unknown, served: ServedModels): DecodedRequest {
  const parsed = bodySchema.safeParse(json);
  if (!parsed.success) return { kind: "problem", problem: schemaProblem(parsed.error) };
  const { input, dimensions, encoding_format: format, model = served.names[0] } = parsed.data;
  const resolved = resolveModel(served, model);
  if (resolved === undefined) return { kind: "problem", problem: unknownModel(model) };
  const prompts = inputTokens(input);
  const longest = Math.max(...prompts.map((prompt) => prompt.length));
  const bounded = outputLimits(served, longest, { maxTokens: 1, minTokens: 0, ignoreEos: false });
  if (!bounded.ok) return { kind: "problem", problem: { ...bounded.problem, param: "input" } };
  const embedding = (prompt: Uint32Array) => {
    const vector = embeddingOf(prompt, dimensions ?? defaultDimensions);
    return format === "base64" ? base64(vector) : [...vector];
  };
  return {
    kind: "generate",
    generation: {
      model,
      adapter: resolved.adapter,
      prompts,
      choicesPerPrompt: 1,
      limits: undefined,
      seed: undefined,
      cacheSalt: undefined,
      answer: ({ id, createdAtSeconds }) => ({
        kind: "whole",
        render: (_results, { promptTokens }) => ({
          id: `embd-${id}`,
          object: "list",
          created: Math.floor(createdAtSeconds),
          model,
          data: prompts.map((prompt, index) => ({ object: "embedding", index, embedding: embedding(prompt) })),
          usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
        }),
      }),
    },
  };
}
