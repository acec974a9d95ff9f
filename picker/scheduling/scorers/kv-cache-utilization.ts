import { z } from "zod";
import { defineScorer } from "../define.ts";

export const kvCacheUtilizationScorer = defineScorer({
  type: "kv-cache-utilization-scorer",
  stability: "beta",
  parameters: z.strictObject({}),
  create: () => ({
    score({ snapshot }, { indexes, count }, out) {
      for (let i = 0; i < count; i++) {
        const free = 1 - snapshot.kvCacheUsageRatio[indexes[i]!]!;
        out[i] = free < 0 ? 0 : free > 1 ? 1 : free;
      }
    },
  }),
});
