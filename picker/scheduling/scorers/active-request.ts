import { z } from "zod";
import { defineScorer } from "../define.ts";

/** Prefers endpoints to which this picker has the fewest requests in flight; needs no scrape. */
export const activeRequestScorer = defineScorer({
  type: "active-request-scorer",
  stability: "beta",
  parameters: z.strictObject({
    idleThreshold: z.number().nonnegative().default(0),
    maxBusyScore: z.number().min(0).max(1).default(1),
    /** Has no effect in the field either: in-flight requests end with their streams. */
    requestTimeout: z.string().optional(),
    inFlightLoadProducerName: z.string().optional(),
  }),
  consumes: [{ producerType: "inflight-load-producer", parameter: "inFlightLoadProducerName", required: true }],
  create: ({ idleThreshold, maxBusyScore }) => ({
    score({ snapshot, inFlight }, { indexes, count }, out) {
      let most = 0;
      for (let i = 0; i < count; i++) {
        const requests = inFlight.requests(snapshot.endpoints[indexes[i]!]!.slot);
        out[i] = requests;
        if (requests > most) most = requests;
      }
      for (let i = 0; i < count; i++) {
        const requests = out[i]!;
        out[i] = requests <= idleThreshold ? 1 : ((most - requests) / most) * maxBusyScore;
      }
    },
  }),
});
