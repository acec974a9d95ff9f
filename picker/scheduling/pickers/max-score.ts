import { definePicker } from "../define.ts";
import { BestByKey } from "./best-by-key.ts";
import { pickerParameters } from "./parameters.ts";

export const maxScorePicker = definePicker({
  type: "max-score-picker",
  stability: "beta",
  parameters: pickerParameters,
  create({ maxNumOfEndpoints }) {
    const best = new BestByKey();
    return {
      maxEndpoints: maxNumOfEndpoints,
      pick: ({ indexes, count }, totals, random, picked) => best.choose(indexes, totals, count, random, picked),
    };
  },
});
