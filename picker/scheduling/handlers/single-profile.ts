import { z } from "zod";
import { defineCarried } from "../define.ts";

/** Runs the one profile of a configuration; no further rule. */
export const singleProfileHandler = defineCarried("profile-handler", {
  type: "single-profile-handler",
  stability: "beta",
  parameters: z.strictObject({}),
});
