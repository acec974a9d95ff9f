import { z } from "zod";
import { defineScorer } from "../define.ts";

/** Half a point for an empty queue, falling to none at `threshold` waiting requests. */
export const loadAwareScorer = defineScorer({
  type: "load-aware-scorer",
  stability: "beta",
  parameters: z.strictObject({ threshold: z.number().positive().default(128) }),
  create: ({ threshold }) => ({
    score({ snapshot }, { indexes, count }, out) {
      for (let i = 0; i < count; i++) {
        const waiting = snapshot.waitingRequests[indexes[i]!]!;
        out[i] = 0.5 * (1 - Math.max(0, Math.min(waiting, threshold)) / threshold);
      }
    },
  }),
});
