/** Saturation of the stages of a disaggregated pool. Source: llm-d-router, flow control, stage partition. */
import type { Endpoint, PoolSnapshot } from "#pool";
import type { Ratio } from "#units";
import { roleLabel } from "../../scheduling/filters/role.ts";
import type { EndpointChoice, SaturationDetector } from "./saturation-detector.ts";

/** A stage of a request that some model servers take and others do not. */
export type Stage = "prefill" | "decode";
/** Every stage, in the order of label values. */
export const stages = ["prefill", "decode"] as const satisfies readonly Stage[];

const bothStages = ["prefill-decode", "both", "encode-prefill-decode"] as const;
const rolesOf: Readonly<Record<Stage, ReadonlySet<string>>> = {
  prefill: new Set(["prefill", "encode-prefill", ...bothStages]),
  decode: new Set(["decode", "", ...bothStages]),
};

const takesStage =
  (stage: Stage): EndpointChoice =>
  ({ labels }: Endpoint) =>
    rolesOf[stage].has(labels[roleLabel] ?? "");

const includes: Readonly<Record<Stage, EndpointChoice>> = {
  prefill: takesStage("prefill"),
  decode: takesStage("decode"),
};

/** Saturation of the endpoints that take the stage; undefined where none does: no series rather than 0. */
export function stageSaturation(
  detector: Pick<SaturationDetector, "poolSaturation">,
  snapshot: PoolSnapshot,
  stage: Stage,
): Ratio | undefined {
  const choice = includes[stage];
  for (let i = 0; i < snapshot.endpoints.length; i++) {
    if (choice(snapshot.endpoints[i]!)) return detector.poolSaturation(snapshot, choice);
  }
  return undefined;
}

/** The saturation that usage limits go by: that of the fuller stage; of the whole pool where no endpoint takes a stage. */
export function effectiveSaturation(
  detector: Pick<SaturationDetector, "poolSaturation">,
  snapshot: PoolSnapshot,
): Ratio {
  const prefill = stageSaturation(detector, snapshot, "prefill");
  const decode = stageSaturation(detector, snapshot, "decode");
  if (prefill === undefined && decode === undefined) return detector.poolSaturation(snapshot);
  return Math.max(prefill ?? 0, decode ?? 0);
}
