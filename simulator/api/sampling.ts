import { z } from "zod";
import type { Tokens } from "#units";
import type { OutputLimits } from "../output-plan.ts";
import type { ApiProblem } from "./problem.ts";
import type { ServedModels } from "./served-models.ts";

const count = z.int().nonnegative();

/** Fields that the OpenAI text APIs share. Others are accepted and have no effect on a simulated answer. */
export const samplingFields = {
  model: z.string().optional(),
  stream: z.boolean().nullish(),
  stream_options: z
    .looseObject({ include_usage: z.boolean().nullish(), continuous_usage_stats: z.boolean().nullish() })
    .nullish(),
  n: z.int().min(1).max(128).nullish(),
  seed: z.int().nullish(),
  ignore_eos: z.boolean().nullish(),
  min_tokens: count.nullish(),
  cache_salt: z.string().nullish(),
};

export type SamplingFields = z.infer<z.ZodObject<typeof samplingFields>>;

/** The first problem of a body that does not fit its schema. */
export function schemaProblem(error: z.ZodError): ApiProblem {
  const [issue] = error.issues;
  const param = issue?.path.join(".") ?? "";
  const message = issue?.message ?? "invalid body";
  return param === "" ? { status: 400, message } : { status: 400, message: `${param}: ${message}`, param };
}

/** The bounds of the answer, or the refusal of a request that cannot fit in the context. */
export function outputLimits(
  served: ServedModels,
  promptTokens: Tokens,
  fields: { readonly maxTokens: Tokens | undefined; readonly minTokens: Tokens; readonly ignoreEos: boolean },
): { readonly ok: true; readonly limits: OutputLimits } | { readonly ok: false; readonly problem: ApiProblem } {
  const left = served.maxModelLen - promptTokens;
  const maxTokens = fields.maxTokens ?? left;
  const refuse = (message: string, param: string) => ({ ok: false, problem: { status: 400, message, param } }) as const;
  if (promptTokens === 0) return refuse("The prompt has no tokens.", "prompt");
  if (maxTokens < 1 && left > 0) return refuse(`max_tokens must be at least 1, got ${maxTokens}.`, "max_tokens");
  if (fields.minTokens > maxTokens) {
    return refuse(`min_tokens must be at most max_tokens=${maxTokens}, got ${fields.minTokens}.`, "min_tokens");
  }
  if (left < Math.max(1, maxTokens)) {
    const asked = Math.max(1, fields.maxTokens ?? 1);
    return refuse(
      `This model's maximum context length is ${served.maxModelLen} tokens. However, you requested ` +
        `${promptTokens + asked} tokens (${promptTokens} in the prompt, ${asked} in the completion).`,
      "max_tokens",
    );
  }
  return { ok: true, limits: { maxTokens, minTokens: fields.minTokens, ignoreEos: fields.ignoreEos } };
}
