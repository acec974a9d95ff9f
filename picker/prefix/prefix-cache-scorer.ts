import { z } from "zod";
import { defineScorer } from "../scheduling/define.ts";

/**
 * The share of the prompt that an endpoint holds; with `matchLengthWeight` that part of the score goes by the square of the
 * matched length instead, full at `matchLengthScaleTokens`. Unknown without a prefix producer, 0 without a prompt.
 */
export const prefixCacheScorer = defineScorer({
  type: "prefix-cache-scorer",
  stability: "beta",
  parameters: z.strictObject({
    prefixMatchInfoProducerName: z.string().min(1).optional(),
    matchLengthWeight: z.number().min(0).max(1).default(0),
    matchLengthScaleTokens: z.number().positive().default(8192),
  }),
  consumes: [
    { producerType: "approx-prefix-cache-producer", parameter: "prefixMatchInfoProducerName", required: true },
  ],
  create: ({ matchLengthWeight, matchLengthScaleTokens }) => ({
    score({ prefixMatchedBlocks, prefixTotalBlocks, prefixBlockTokens }, { indexes, count }, out) {
      for (let i = 0; i < count; i++) {
        if (prefixTotalBlocks === 0) {
          out[i] = 0;
          continue;
        }
        const matched = prefixMatchedBlocks[indexes[i]!]!;
        const length = Math.min(1, (matched * prefixBlockTokens) / matchLengthScaleTokens);
        out[i] = (1 - matchLengthWeight) * (matched / prefixTotalBlocks) + matchLengthWeight * length * length;
      }
    },
  }),
});
