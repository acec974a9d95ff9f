import { allowing, durationText } from "#config";
import { toMilliseconds } from "#units";
import { z } from "zod";
import { defaultQueue } from "../flow/queue/settings.ts";
import { defaultRetryAfterSettings } from "../flow/refusal/retry-after.ts";
import { objectiveSection } from "./flow-objective.ts";
import { byteQuantity, headerText, requestQuantity, ttlText } from "./flow-text.ts";

const pluginRef = z.string().min(1);
const count = z.int().min(0);
const retryText = allowing(
  'a duration of at least 1s with its unit, such as "30s" or "1m"',
  durationText.refine((ms) => ms >= 1000, { message: "out of range" }),
);
const late = z.enum(["shed", "demote", "serve"]);

const band = {
  maxBytes: byteQuantity.optional(),
  maxRequests: requestQuantity.optional(),
  defaultRequestTTL: ttlText.optional(),
  fairnessPolicyRef: pluginRef.optional(),
  orderingPolicyRef: pluginRef.optional(),
};
const bandTemplate = z.strictObject({ ...band, priority: z.int().optional() });
const priorityBand = z.strictObject({ ...band, priority: z.int() });

/** The keys that the field does not have; all of them, so that the rest of the section stays the field's. */
const attain = z.strictObject({
  mode: z.enum(["enforce", "observe"]).default("enforce"),
  queue: z
    .strictObject({
      minShare: z.number().min(0).lt(1).default(defaultQueue.minShare),
      displacement: z.boolean().default(true),
      maxDynamicBands: count.default(defaultQueue.maxDynamicBands),
      idleBand: durationText.default(defaultQueue.idleBandMs),
      maxIdleFlows: count.default(defaultQueue.maxIdleFlows),
      idleFlow: durationText.default(defaultQueue.idleFlowMs),
    })
    .prefault({}),
  deadlines: z
    .strictObject({
      ttlHeader: headerText.default("x-attain-request-ttl-ms"),
      ttlPerTtft: z.number().gt(0).optional(),
      lateSheddable: late.default("shed"),
      lateOther: late.default("serve"),
      byObjective: z.record(z.string().min(1), late).default({}),
      demoteTo: z.int().max(-1).default(-1),
      refuseInfeasible: z.boolean().default(true),
    })
    .prefault({}),
  holdForZero: z
    .strictObject({
      learn: z.boolean().default(true),
      coldStartFactor: z.number().min(1).default(1.5),
      maxBudget: durationText.default(600_000),
    })
    .prefault({}),
  objective: objectiveSection.prefault({}),
  retryAfter: z
    .strictObject({
      max: retryText.default(toMilliseconds(defaultRetryAfterSettings.maxSeconds)),
      unknown: retryText.default(toMilliseconds(defaultRetryAfterSettings.unknownSeconds)),
      jitter: z.number().min(0).lt(1).default(defaultRetryAfterSettings.jitter),
    })
    .prefault({}),
});

/**
 * The `flowControl` section. Source: llm-d-router, apix/config/v1alpha1/endpointpickerconfig_types.go; `attain` and what is
 * under it are ours.
 */
export const flowControl = z.strictObject({
  maxBytes: byteQuantity.default(0),
  maxRequests: requestQuantity.default(0),
  defaultRequestTTL: ttlText.optional(),
  noEndpointRequestTTL: ttlText.optional(),
  priorityBands: z.array(priorityBand).default([]),
  defaultPriorityBand: bandTemplate.optional(),
  defaultNegativePriorityBand: bandTemplate.optional(),
  usageLimitPolicyPluginRef: pluginRef.optional(),
  saturationDetector: z.strictObject({ pluginRef }).optional(),
  enableEviction: z.boolean().default(false),
  attain: attain.prefault({}),
});

/** A band or a template of bands as written. */
export type WrittenBand = z.infer<typeof bandTemplate>;

/** The section as written, with the defaults that do not depend on other keys. */
export type WrittenFlowControl = z.infer<typeof flowControl>;
