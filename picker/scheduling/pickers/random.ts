import { definePicker } from "../define.ts";
import { pickerParameters } from "./parameters.ts";
import { pickerByRandomKey } from "./random-keys.ts";

export const randomPicker = definePicker({
  type: "random-picker",
  stability: "beta",
  parameters: pickerParameters,
  create: ({ maxNumOfEndpoints }) => pickerByRandomKey(maxNumOfEndpoints, (_total, draw) => draw),
});
