/**
 * What OpenSLO v1 wants of the kinds that are rendered, restated from its published JSON schemas: general, metadata, name,
 * description, duration-shorthand, metricsource, service-spec, sli-spec and slo-spec under schemas/v1/parts of the
 * OpenSLO repository. Stricter in one point: keys that the schemas do not name are refused.
 */
import { z } from "zod";

const name = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[a-z0-9][a-z0-9.|/\\-]*[a-z0-9]*$/);
const labelText = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9A-Z][a-z0-9A-Z._-]*[a-z0-9A-Z]*$/);
const annotationKey = z
  .string()
  .regex(/^(([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9][a-z0-9-]{0,61}[a-z0-9]\/)?[a-z0-9A-Z][a-z0-9A-Z._-]*[a-z0-9A-Z]*$/)
  .regex(/^(.{2,253}\/)?.{1,63}$/);
const description = z.string().max(1050);
const duration = z.string().regex(/^[1-9][0-9]*[mhdwMQY]$/);

const metadata = z.strictObject({
  name,
  displayName: z.string().min(1).optional(),
  labels: z.record(z.string(), labelText).optional(),
  annotations: z.record(annotationKey, z.string()).optional(),
});

const metric = z.strictObject({
  metricSource: z.strictObject({
    metricSourceRef: name.optional(),
    type: z.string().optional(),
    spec: z.record(z.string(), z.unknown()),
  }),
});

/** Exactly one of `good` and `bad`; of the two kinds of SLI only ratios are rendered. */
const sliSpec = z.strictObject({
  ratioMetric: z
    .strictObject({ counter: z.boolean(), good: metric.optional(), bad: metric.optional(), total: metric })
    .refine(({ good, bad }) => (good === undefined) !== (bad === undefined)),
});

/** A window that does not roll needs a calendar, which is never rendered. */
const timeWindow = z.strictObject({ duration, isRolling: z.literal(true) });

const sloSpec = z.strictObject({
  description: description.optional(),
  service: name,
  indicator: z.strictObject({ metadata, spec: sliSpec }),
  timeWindow: z.array(timeWindow).max(1),
  budgetingMethod: z.literal("Occurrences"),
  objectives: z.array(
    z.strictObject({ displayName: z.string().min(1).optional(), target: z.number().min(0).lt(1) }),
  ),
});

const head = { apiVersion: z.literal("openslo/v1"), metadata };

export const openSloDocument = z.discriminatedUnion("kind", [
  z.strictObject({ ...head, kind: z.literal("Service"), spec: z.strictObject({ description: description.optional() }) }),
  z.strictObject({ ...head, kind: z.literal("SLI"), spec: sliSpec }),
  z.strictObject({ ...head, kind: z.literal("SLO"), spec: sloSpec }),
]);
