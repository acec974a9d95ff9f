/** Flow control at one instant, for metrics, the live page and debugging. Bounded whatever is configured. */
import type { PoolSnapshot } from "#pool";
import type { Milliseconds, Ratio, Tokens } from "#units";
import type { SaturationDetector, SaturationState } from "./capacity/saturation-detector.ts";
import { stageSaturation, stages, type Stage } from "./capacity/stage.ts";
import type { QueueSummary } from "./queue/summary.ts";
import type { Admission, Enforcement, FlowSettings } from "./settings.ts";

export type FlowStatus = {
  readonly admission: Admission;
  readonly enforcement: Enforcement;
  readonly saturation: SaturationState;
  /** Of the stages that endpoints take. */
  readonly stages: Readonly<Partial<Record<Stage, Ratio>>>;
  readonly queue: QueueSummary;
  /** How much of the pool each band may use now, by priority; of the bands in `queue`. */
  readonly ceilings: ReadonlyMap<number, Ratio>;
  /** Waiting because the pool has no endpoints: the demand that a pool at zero is woken by. */
  readonly held: { readonly requests: number; readonly tokens: Tokens; readonly oldestAgeMs: Milliseconds | undefined };
  /** What a whole start from zero is expected to take. */
  readonly expectedColdStartMs: Milliseconds;
};

export type FlowStatusParts = {
  readonly settings: Pick<FlowSettings, "admission" | "enforcement">;
  readonly detector: SaturationDetector;
  readonly snapshot: PoolSnapshot;
  readonly queue: QueueSummary;
  readonly ceilings: ReadonlyMap<number, Ratio>;
  readonly isPoolEmpty: boolean;
  readonly expectedColdStartMs: Milliseconds;
};

const nothingHeld: FlowStatus["held"] = { requests: 0, tokens: 0, oldestAgeMs: undefined };

function heldOf({ requests, tokens, bands }: QueueSummary): FlowStatus["held"] {
  const ages = bands.flatMap(({ oldestAgeMs }) => (oldestAgeMs === undefined ? [] : [oldestAgeMs]));
  return { requests, tokens, oldestAgeMs: ages.length === 0 ? undefined : Math.max(...ages) };
}

export function flowStatus(parts: FlowStatusParts): FlowStatus {
  const { settings, detector, snapshot, queue, ceilings, isPoolEmpty, expectedColdStartMs } = parts;
  const known = stages.flatMap((stage) => {
    const saturation = stageSaturation(detector, snapshot, stage);
    return saturation === undefined ? [] : [[stage, saturation] as const];
  });
  return {
    admission: settings.admission,
    enforcement: settings.enforcement,
    saturation: detector.state(snapshot),
    stages: Object.fromEntries(known),
    queue,
    ceilings,
    held: isPoolEmpty ? heldOf(queue) : nothingHeld,
    expectedColdStartMs,
  };
}
