import { z } from "zod";
import { defineScorer } from "../define.ts";

/** Prefers endpoints that would have the fewest prompt tokens left to compute if they got this request. */
export const tokenLoadScorer = defineScorer({
  type: "token-load-scorer",
  stability: "beta",
  parameters: z.strictObject({
    queueThresholdTokens: z.number().positive().default(4_194_304),
    inFlightLoadProducerName: z.string().optional(),
  }),
  consumes: [{ producerType: "inflight-load-producer", parameter: "inFlightLoadProducerName", required: true }],
  create: ({ queueThresholdTokens }) => ({
    score(context, { indexes, count }, out) {
      const { snapshot, inFlight, promptTokens, prefixMatchedBlocks, prefixBlockTokens } = context;
      for (let i = 0; i < count; i++) {
        const index = indexes[i]!;
        const cached = prefixMatchedBlocks[index]! * prefixBlockTokens;
        const uncached = Number.isNaN(cached) ? promptTokens : Math.max(0, promptTokens - cached);
        const load = inFlight.uncachedPromptTokens(snapshot.endpoints[index]!.slot) + uncached;
        out[i] = 1 - Math.min(load, queueThresholdTokens) / queueThresholdTokens;
      }
    },
  }),
});
