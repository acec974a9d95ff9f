import { z } from "zod";
import { defineScorer } from "../define.ts";
import { rankedBy } from "../ranked-by.ts";

export const runningRequestsScorer = defineScorer({
  type: "running-requests-size-scorer",
  stability: "beta",
  parameters: z.strictObject({}),
  create: () => rankedBy("lower", ({ snapshot }) => snapshot.runningRequests),
});
