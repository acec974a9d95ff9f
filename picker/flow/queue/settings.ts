import { CodedError } from "#errors";
import type { Bytes, Milliseconds, Ratio } from "#units";

/** Order within a flow. Source: llm-d-router, the ordering policies of flow control. */
export type Ordering =
  /** Enqueued first. */
  | "fcfs"
  /** Expires first; what never expires goes last. */
  | "edf"
  /** Earliest TTFT deadline; what has none goes last. */
  | "slo-deadline";

/** Choice between the flows of one band. Source: llm-d-router, the fairness policies; `weighted-cost` is ours. */
export type FairnessSettings =
  /** The best head over all flows by the band's ordering: no isolation between flows. */
  | { readonly kind: "global-strict" }
  /** One request a turn, in the order of fairness ids. */
  | { readonly kind: "round-robin" }
  /** Least attained service, with a bonus for a head that waits. */
  | {
      readonly kind: "program-aware";
      readonly serviceWeight: Ratio;
      readonly headWaitWeight: Ratio;
      /** Attained service halves in this time; 0: it never fades. */
      readonly halfLifeMs: Milliseconds;
      /** A flow idle for this long starts anew. */
      readonly forgetAfterMs: Milliseconds;
    }
  /** Weighted fair queueing by tokens. A request's weight is that of its fairness id times that of its objective; absent: 1. */
  | {
      readonly kind: "weighted-cost";
      readonly flowWeights: ReadonlyMap<string, number>;
      readonly objectiveWeights: ReadonlyMap<string, number>;
    };

export type BandSettings = {
  /** undefined: unlimited, here and below. */
  readonly maxRequests: number | undefined;
  readonly maxBytes: Bytes | undefined;
  readonly ordering: Ordering;
  readonly fairness: FairnessSettings;
};

export type QueueSettings = {
  /** Over all bands. */
  readonly maxRequests: number | undefined;
  readonly maxBytes: Bytes | undefined;
  /** By priority; these are never removed. */
  readonly bands: ReadonlyMap<number, BandSettings>;
  /** For a priority ≥ 0 that has no band of its own. */
  readonly dynamicBand: BandSettings;
  /** As `dynamicBand`, below 0. */
  readonly dynamicNegativeBand: BandSettings;
  readonly maxDynamicBands: number;
  /** A dynamic band that stays empty this long is removed. */
  readonly idleBandMs: Milliseconds;
  /** What a flow has used is forgotten once it stays idle this long. */
  readonly idleFlowMs: Milliseconds;
  /** Idle flows remembered in one band; beyond it the one idle longest is forgotten. */
  readonly maxIdleFlows: number;
  /** Share of the dispatched tokens that sheddable bands (priority < 0) get together while they wait; 0: none. */
  readonly minShare: Ratio;
};

/** Limits as in the field; `weighted-cost` instead of its global-strict, which isolates no tenant. */
export const defaultBand: BandSettings = {
  maxRequests: 5000,
  maxBytes: 1_000_000_000,
  ordering: "fcfs",
  fairness: { kind: "weighted-cost", flowWeights: new Map(), objectiveWeights: new Map() },
};

/** Idle times as in the field (five and ten minutes); no global limits, as there. */
export const defaultQueue: QueueSettings = {
  maxRequests: undefined,
  maxBytes: undefined,
  bands: new Map([[0, defaultBand]]),
  dynamicBand: defaultBand,
  dynamicNegativeBand: defaultBand,
  maxDynamicBands: 32,
  idleBandMs: 600_000,
  idleFlowMs: 300_000,
  maxIdleFlows: 10_000,
  minShare: 0.02,
};

/** The field's defaults of `program-aware-fairness`. */
export const defaultProgramAware: Extract<FairnessSettings, { readonly kind: "program-aware" }> = {
  kind: "program-aware",
  serviceWeight: 0.8,
  headWaitWeight: 0.2,
  halfLifeMs: 60_000,
  forgetAfterMs: 3_600_000,
};

export class QueueSettingsError extends CodedError<{
  readonly code: "QUEUE_SETTINGS";
  readonly path: string;
  readonly found: number;
  readonly allowed: string;
}> {}

type Rule = readonly [path: string, found: number | undefined, allowed: string, holds: (value: number) => boolean];

const atLeastZero = (value: number): boolean => value >= 0;
const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0;
const isWeight = (value: number): boolean => value > 0 && value < Infinity;

function bandRules(path: string, { maxRequests, maxBytes, fairness }: BandSettings): readonly Rule[] {
  const rules: Rule[] = [
    [`${path}.maxRequests`, maxRequests, "a whole number, at least 0", isCount],
    [`${path}.maxBytes`, maxBytes, "at least 0", atLeastZero],
  ];
  if (fairness.kind === "weighted-cost") {
    for (const kind of ["flowWeights", "objectiveWeights"] as const) {
      for (const [name, weight] of fairness[kind]) {
        rules.push([`${path}.fairness.${kind}[${name}]`, weight, "above 0 and finite", isWeight]);
      }
    }
  }
  if (fairness.kind === "program-aware") {
    for (const name of ["serviceWeight", "headWaitWeight", "halfLifeMs", "forgetAfterMs"] as const) {
      rules.push([`${path}.fairness.${name}`, fairness[name], "at least 0", atLeastZero]);
    }
  }
  return rules;
}

/** @throws QueueSettingsError naming the first value that is not allowed */
export function checkSettings(settings: QueueSettings): void {
  const rules: Rule[] = [
    ["maxRequests", settings.maxRequests, "a whole number, at least 0", isCount],
    ["maxBytes", settings.maxBytes, "at least 0", atLeastZero],
    ["maxDynamicBands", settings.maxDynamicBands, "a whole number, at least 0", isCount],
    ["maxIdleFlows", settings.maxIdleFlows, "a whole number, at least 0", isCount],
    ["idleBandMs", settings.idleBandMs, "at least 0", atLeastZero],
    ["idleFlowMs", settings.idleFlowMs, "at least 0", atLeastZero],
    ["minShare", settings.minShare, "at least 0, below 1", (share) => share >= 0 && share < 1],
    ...bandRules("dynamicBand", settings.dynamicBand),
    ...bandRules("dynamicNegativeBand", settings.dynamicNegativeBand),
  ];
  for (const [priority, band] of settings.bands) {
    rules.push([`bands[${priority}]`, priority, "a whole number", Number.isInteger]);
    rules.push(...bandRules(`bands[${priority}]`, band));
  }
  for (const [path, found, allowed, holds] of rules) {
    if (found === undefined || holds(found)) continue;
    const message = `flow queue: ${path} must be ${allowed}; found ${found}`;
    throw new QueueSettingsError({ code: "QUEUE_SETTINGS", path, found, allowed }, message);
  }
}
