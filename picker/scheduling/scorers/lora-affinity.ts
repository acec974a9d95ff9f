import type { LoraState } from "#pool";
import type { Ratio } from "#units";
import { z } from "zod";
import { defineScorer } from "../define.ts";

const unknown = Number.NaN;

/** Active, room for one more, already waiting for a slot, none of these. */
function affinity(lora: LoraState | undefined, model: string): Ratio {
  if (lora === undefined) return unknown;
  if (lora.running.has(model)) return 1;
  const waiting = lora.waiting.has(model);
  if (lora.maxAdapters === undefined) return waiting ? 0.6 : unknown;
  if (lora.running.size + lora.waiting.size < lora.maxAdapters) return 0.8;
  return waiting ? 0.6 : 0;
}

/** Prefers endpoints on which the request's adapter is loaded. Unknown for a request that names no model. */
export const loraAffinityScorer = defineScorer({
  type: "lora-affinity-scorer",
  stability: "beta",
  parameters: z.strictObject({}),
  create: () => ({
    score({ snapshot, request: { model } }, { indexes, count }, out) {
      for (let i = 0; i < count; i++) {
        out[i] = model === undefined ? unknown : affinity(snapshot.endpoints[indexes[i]!]!.metrics?.lora, model);
      }
    },
  }),
});
