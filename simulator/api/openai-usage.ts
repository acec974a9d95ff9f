import type { SamplingFields } from "./sampling.ts";
import type { Usage } from "./answer.ts";

/** `usage` of the OpenAI text APIs. */
export const openaiUsage = ({ promptTokens, completionTokens, cachedTokens }: Usage): unknown => ({
  prompt_tokens: promptTokens,
  total_tokens: promptTokens + completionTokens,
  completion_tokens: completionTokens,
  prompt_tokens_details: { cached_tokens: cachedTokens },
});

/** When a stream carries usage: in a last chunk, and in every chunk. */
export type UsageInStream = { readonly atEnd: boolean; readonly continuous: boolean };

/** As vLLM: continuous statistics only where usage was asked for at all. */
export const usageInStream = ({ stream_options: options }: SamplingFields): UsageInStream => ({
  atEnd: options?.include_usage === true,
  continuous: options?.include_usage === true && options.continuous_usage_stats === true,
});
