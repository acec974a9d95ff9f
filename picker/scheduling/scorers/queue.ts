import { z } from "zod";
import { defineScorer } from "../define.ts";
import { rankedBy } from "../ranked-by.ts";

export const queueScorer = defineScorer({
  type: "queue-scorer",
  stability: "beta",
  parameters: z.strictObject({}),
  create: () => rankedBy("lower", ({ snapshot }) => snapshot.waitingRequests),
});
