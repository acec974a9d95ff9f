import { z } from "zod";
import { defineFilter } from "../define.ts";
import { subsetEntries } from "../subset.ts";

/** The header of the conformance suite that names the endpoints to route to. */
const header = "test-epp-endpoint-selection";

/** Keeps the endpoints that the header lists, in its order; none without it. For conformance tests. */
export const headerBasedTestingFilter = defineFilter({
  type: "header-based-testing-filter",
  stability: "beta",
  parameters: z.strictObject({}),
  create: () => ({
    filter({ snapshot, request }, candidates) {
      const available = [...candidates.indexes.subarray(0, candidates.count)];
      const chosen = new Set<number>();
      for (const entry of subsetEntries(request.header(header) ?? "")) {
        for (const index of available) {
          const { address, hostPort } = snapshot.endpoints[index]!;
          if (entry === hostPort || entry === address) chosen.add(index);
        }
      }
      candidates.indexes.set([...chosen]);
      candidates.count = chosen.size;
    },
  }),
});
