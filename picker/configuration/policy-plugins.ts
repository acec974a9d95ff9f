import { z } from "zod";
import { defaultProgramAware, type FairnessSettings, type Ordering } from "../flow/queue/settings.ts";
import type { UsageLimitSettings } from "../flow/settings.ts";
import { defineCarried } from "../scheduling/define.ts";
import type { PluginDefinition } from "../scheduling/plugin.ts";
import { concurrencyDetector, ledgerDetector, utilizationDetector } from "./detector-plugins.ts";

const noParameters = z.strictObject({});
const weight = z.number().min(0);

/** Decodes into {@link Ordering}. */
const ordering = (type: string, value: Ordering) =>
  defineCarried("ordering-policy", {
    type,
    stability: "beta",
    parameters: noParameters.transform((): Ordering => value),
  });

/** Decodes into {@link FairnessSettings}. */
const fairness = (type: string, parameters: z.ZodType<FairnessSettings>) =>
  defineCarried("fairness-policy", { type, stability: "beta", parameters });

/** The three below decode into {@link UsageLimitSettings}. */
export const staticUsageLimit = defineCarried("usage-limit-policy", {
  type: "static-usage-limit-policy",
  stability: "beta",
  parameters: z
    .strictObject({ threshold: z.number().min(0).default(1) })
    .transform(({ threshold }): UsageLimitSettings => ({ type: "static-usage-limit-policy", ceiling: threshold })),
});

export const priorityHoldback = defineCarried("usage-limit-policy", {
  type: "priority-holdback-policy",
  stability: "alpha",
  parameters: z
    .strictObject({
      shape: z.literal("linear").default("linear"),
      domain: z.enum(["rank", "value"]).default("rank"),
      minCeiling: z.number().min(0).lt(1),
      maxCeiling: z.number().gt(0).max(1).default(1),
    })
    .refine(({ minCeiling, maxCeiling }) => minCeiling < maxCeiling, { message: "must be minCeiling < maxCeiling" })
    .transform(({ domain, minCeiling, maxCeiling }): UsageLimitSettings => ({
      type: "priority-holdback-policy",
      domain,
      minCeiling,
      maxCeiling,
    })),
});

export const softReflectiveCeiling = defineCarried("usage-limit-policy", {
  type: "soft-reflective-ceiling-policy",
  stability: "alpha",
  parameters: noParameters.transform((): UsageLimitSettings => ({ type: "soft-reflective-ceiling-policy" })),
});

/** `evictionSweepSeconds` is taken and not used: what is idle is forgotten by age, without a sweep of its own. */
const programAware = z
  .strictObject({
    strategy: z.literal("las").default("las"),
    lasWeightService: weight.default(defaultProgramAware.serviceWeight),
    lasWeightHeadWait: weight.default(defaultProgramAware.headWaitWeight),
    lasHalfLifeSeconds: z
      .number()
      .min(0)
      .default(defaultProgramAware.halfLifeMs / 1000),
    evictionTtlSeconds: z
      .number()
      .gt(0)
      .default(defaultProgramAware.forgetAfterMs / 1000),
    evictionSweepSeconds: z.number().gt(0).default(300),
  })
  .transform((las): FairnessSettings => ({
    kind: "program-aware",
    serviceWeight: las.lasWeightService,
    headWaitWeight: las.lasWeightHeadWait,
    halfLifeMs: las.lasHalfLifeSeconds * 1000,
    forgetAfterMs: las.evictionTtlSeconds * 1000,
  }));

const weights = z.record(z.string().min(1), z.number().gt(0)).default({});
const weightedCost = z
  .strictObject({ flowWeights: weights, objectiveWeights: weights })
  .transform(({ flowWeights, objectiveWeights }): FairnessSettings => ({
    kind: "weighted-cost",
    flowWeights: new Map(Object.entries(flowWeights)),
    objectiveWeights: new Map(Object.entries(objectiveWeights)),
  }));

/** Known, and without a choice: eviction always takes the lowest priority below 0, and of it the newest. */
const evictionPolicies = [
  defineCarried("eviction-filter", {
    type: "sheddable-eviction-filter",
    stability: "alpha",
    parameters: noParameters,
  }),
  defineCarried("eviction-order-policy", {
    type: "priority-then-time-eviction-order-policy",
    stability: "alpha",
    parameters: noParameters,
  }),
];

/** What flow control is made of. */
export const policies = [
  ledgerDetector,
  utilizationDetector,
  concurrencyDetector,
  ordering("fcfs-ordering-policy", "fcfs"),
  ordering("edf-ordering-policy", "edf"),
  ordering("slo-deadline-ordering-policy", "slo-deadline"),
  fairness(
    "global-strict-fairness-policy",
    noParameters.transform(() => ({ kind: "global-strict" as const })),
  ),
  fairness(
    "round-robin-fairness-policy",
    noParameters.transform(() => ({ kind: "round-robin" as const })),
  ),
  fairness("program-aware-fairness", programAware),
  fairness("weighted-cost-fairness-policy", weightedCost),
  staticUsageLimit,
  priorityHoldback,
  softReflectiveCeiling,
  ...evictionPolicies,
] as readonly PluginDefinition[];
