import { z } from "zod";
import { defineScorer } from "../define.ts";

/** 1 where a label of the endpoint equals a header of the request, else 0. */
export const headerLabelAffinityScorer = defineScorer({
  type: "header-label-affinity-scorer",
  stability: "alpha",
  parameters: z.strictObject({ headerName: z.string().min(1), labelKey: z.string().min(1) }),
  create({ headerName, labelKey }) {
    const name = headerName.toLowerCase();
    return {
      score({ snapshot, request }, { indexes, count }, out) {
        const wanted = request.header(name);
        for (let i = 0; i < count; i++) {
          const label = snapshot.endpoints[indexes[i]!]!.labels[labelKey];
          out[i] = wanted !== undefined && label === wanted ? 1 : 0;
        }
      },
    };
  },
});
