import { z } from "zod";

/** How many endpoints are emitted: a primary and its fall-backs. 0 and below mean 1, as in the field. */
export const pickerParameters = z.strictObject({
  maxNumOfEndpoints: z
    .int()
    .default(1)
    .transform((count) => Math.max(1, count)),
});
