import type { Ratio } from "#units";
import type { Picker } from "../plugin.ts";
import { BestByKey } from "./best-by-key.ts";

/** Picker of the highest random keys, where `key` turns a total score and a uniform draw into a key. */
export function pickerByRandomKey(maxEndpoints: number, key: (total: number, draw: Ratio) => number): Picker {
  const best = new BestByKey();
  let keys = new Float64Array(64);
  return {
    maxEndpoints,
    pick({ indexes, count }, totals, random, picked) {
      if (keys.length < count) keys = new Float64Array(count * 2);
      for (let i = 0; i < count; i++) keys[i] = key(totals[i]!, random());
      return best.choose(indexes, keys, count, random, picked);
    },
  };
}
