import type { Endpoint } from "#pool";
import type { Filter } from "../plugin.ts";

/** Filter that keeps the endpoints for which `keep` is true, in order. */
export const keepWhere = (keep: (endpoint: Endpoint) => boolean): Filter => ({
  filter({ snapshot }, candidates) {
    const { indexes, count } = candidates;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const index = indexes[i]!;
      if (keep(snapshot.endpoints[index]!)) indexes[kept++] = index;
    }
    candidates.count = kept;
  },
});
