/** Settings of flow control, drawn so that every limit and every policy is met within a few requests. */
import type { Random } from "#random";
import { defaultLearnedCapacity } from "../../picker/flow/capacity/learned-capacity.ts";
import {
  defaultProgramAware,
  type BandSettings,
  type FairnessSettings,
  type QueueSettings,
} from "../../picker/flow/queue/settings.ts";
import type {
  DetectorSettings,
  EvictionSettings,
  FlowSettings,
  LatePolicy,
  LateSettings,
  TtlSettings,
  UsageLimitSettings,
} from "../../picker/flow/settings.ts";
import { fieldTrust } from "../../picker/flow/trust/settings.ts";
import { flowSettingsOf, ledgerDetectorOf } from "../support/flow-settings.ts";
import { between, chance, oneOf } from "./draw.ts";

const fairnessKinds: readonly FairnessSettings[] = [
  { kind: "global-strict" },
  { kind: "round-robin" },
  { ...defaultProgramAware, halfLifeMs: 200 },
  { kind: "weighted-cost", flowWeights: new Map(), objectiveWeights: new Map() },
  { kind: "weighted-cost", flowWeights: new Map([["a", 3]]), objectiveWeights: new Map([["batch", 0.5]]) },
];

const drawBand = (random: Random): BandSettings => ({
  maxRequests: oneOf(random, [undefined, undefined, 2, 4]),
  maxBytes: oneOf(random, [undefined, undefined, undefined, 90]),
  ordering: oneOf(random, ["fcfs", "fcfs", "edf", "slo-deadline"]),
  fairness: oneOf(random, fairnessKinds),
});

const drawQueue = (random: Random): QueueSettings => ({
  maxRequests: oneOf(random, [undefined, undefined, 3, 6]),
  maxBytes: oneOf(random, [undefined, undefined, undefined, 150]),
  bands: new Map(oneOf(random, [[0], [0, -1, 5], []]).map((priority) => [priority, drawBand(random)])),
  dynamicBand: drawBand(random),
  dynamicNegativeBand: drawBand(random),
  maxDynamicBands: oneOf(random, [32, 32, 2, 1]),
  idleBandMs: oneOf(random, [100, 600_000]),
  idleFlowMs: oneOf(random, [50, 300_000]),
  maxIdleFlows: oneOf(random, [0, 1, 10_000]),
  minShare: oneOf(random, [0, 0.02, 0.3]),
});

const drawTtl = (random: Random): TtlSettings => ({
  ofBandMs: new Map([[0, oneOf(random, [undefined, 100, 1000, 60_000])]]),
  dynamicMs: oneOf(random, [undefined, 100, 60_000]),
  dynamicNegativeMs: oneOf(random, [undefined, 50, 1000]),
  header: "ttl",
  perTtft: oneOf(random, [undefined, undefined, 2]),
});

const latePolicies = ["shed", "demote", "serve"] as const satisfies readonly LatePolicy[];

const drawLate = (random: Random): LateSettings => ({
  sheddable: oneOf(random, latePolicies),
  other: oneOf(random, latePolicies),
  byObjective: new Map(chance(random, 0.3) ? [["chat", oneOf(random, latePolicies)]] : []),
  demoteTo: oneOf(random, [-1, -2, -9]),
  refusesInfeasible: chance(random, 0.5),
});

function drawDetector(random: Random): DetectorSettings {
  const kind = random();
  if (kind < 0.6) return ledgerDetectorOf(between(random, 1, 3));
  if (kind < 0.75) {
    const options = { ...defaultLearnedCapacity, min: 1, initial: 2, max: 6, windowSamples: 3, windowMs: 20 };
    return {
      ...ledgerDetectorOf(1),
      type: "ledger-detector",
      capacity: { kind: "learned", options },
    } as DetectorSettings;
  }
  if (kind < 0.85) {
    return {
      type: "utilization-detector",
      maxWaitingRequests: 2,
      maxKvCacheUsage: 0.8,
      staleAfterMs: 200,
      headroomRatio: oneOf(random, [0, 0.2]),
      maxRequestsWithoutMetrics: 2,
    };
  }
  return {
    type: "concurrency-detector",
    mode: oneOf(random, ["requests", "tokens", "hybrid"]),
    maxRequests: 2,
    maxTokens: 150,
    headroomRatio: oneOf(random, [0, 0.5]),
  };
}

const drawUsageLimit = (random: Random): UsageLimitSettings =>
  oneOf<UsageLimitSettings>(random, [
    { type: "static-usage-limit-policy", ceiling: 1 },
    { type: "static-usage-limit-policy", ceiling: 1 },
    { type: "static-usage-limit-policy", ceiling: 0.6 },
    { type: "priority-holdback-policy", domain: "rank", minCeiling: 0.3, maxCeiling: 1 },
    { type: "priority-holdback-policy", domain: "value", minCeiling: 0.5, maxCeiling: 0.9 },
    { type: "soft-reflective-ceiling-policy" },
  ]);

const drawEviction = (random: Random): EvictionSettings | undefined =>
  chance(random, 0.5)
    ? undefined
    : { maxPerDecision: between(random, 1, 2), confirmTimeoutMs: 100, graceMs: oneOf(random, [0, 10]) };

export const drawSettings = (random: Random): FlowSettings =>
  flowSettingsOf({
    admission: chance(random, 0.1) ? "legacy" : "queue",
    enforcement: chance(random, 0.15) ? "observe" : "enforce",
    queue: drawQueue(random),
    displaces: chance(random, 0.7),
    ttl: drawTtl(random),
    late: drawLate(random),
    holdForZero: {
      budgetMs: oneOf(random, [undefined, 50, 1000]),
      learned: oneOf(random, [undefined, { coldStartFactor: 1.5, maxBudgetMs: 5000 }]),
    },
    detector: drawDetector(random),
    usageLimit: drawUsageLimit(random),
    eviction: drawEviction(random),
    trust: { ...fieldTrust, unknownBand: oneOf(random, ["default", "lowest", "refuse"]) },
  });
