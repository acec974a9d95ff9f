import { definePicker } from "../define.ts";
import { pickerParameters } from "./parameters.ts";
import { pickerByRandomKey } from "./random-keys.ts";

/**
 * Chooses with chances proportional to the total scores, without replacement; candidates that score 0 come last, in random
 * order. The key is the logarithm of the field's U^(1/score), which orders the same and does not underflow.
 * Source: Efraimidis and Spirakis, Weighted random sampling with a reservoir, 2006.
 */
export const weightedRandomPicker = definePicker({
  type: "weighted-random-picker",
  stability: "beta",
  parameters: pickerParameters,
  create: ({ maxNumOfEndpoints }) =>
    pickerByRandomKey(maxNumOfEndpoints, (total, draw) => (total > 0 ? Math.log(draw) / total : -Infinity)),
});
