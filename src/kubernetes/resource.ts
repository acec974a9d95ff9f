import { allowing, durationText, ratioText } from "#config";
import { defaultPeriodMs } from "#objective";
import { z } from "zod";

/** API versions of InferenceObjective that are read; both groups have the same shape. */
export const objectiveApiVersions = ["llm-d.ai/v1alpha2", "inference.networking.x-k8s.io/v1alpha2"] as const;
/** The API version of our own resources. */
export const attainApiVersion = "attain.dev/v1alpha1";

const dnsSubdomain = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

/** The name of an object. Source: RFC 1123 subdomain, as the Kubernetes API server checks it. */
const objectName = allowing(
  "a name of lower-case letters, digits, '-' and '.', at most 253 long",
  z.string().max(253).regex(dnsSubdomain),
);

/** What is read of metadata; everything else that Kubernetes puts there is passed over. */
const metadata = z.looseObject({
  name: objectName,
  namespace: objectName.default("default"),
  annotations: z.record(z.string(), z.string()).default({}),
});

/** What every document must have before it is known what it is. */
export const anyResource = z.looseObject({
  apiVersion: z.string(),
  kind: z.enum(["InferenceObjective", "InferenceSLO"]),
});

/**
 * InferenceObjective v1alpha2. `status` is passed over.
 * Source: llm-d-router config/crd/bases, inferenceobjectives. There poolRef is required; here it may be left out, for a
 * file on a machine with one pool.
 */
export const inferenceObjectiveResource = z.strictObject({
  apiVersion: z.enum(objectiveApiVersions),
  kind: z.literal("InferenceObjective"),
  metadata,
  spec: z.strictObject({
    priority: z.int32().default(0),
    poolRef: z
      .strictObject({
        group: z.string().default("inference.networking.k8s.io"),
        kind: z.string().min(1).default("InferencePool"),
        name: objectName,
      })
      .optional(),
  }),
  status: z.unknown().optional(),
});

/** A decoded InferenceObjective. */
export type InferenceObjectiveResource = z.infer<typeof inferenceObjectiveResource>;

/** InferenceSLO attain.dev/v1alpha1: the service level of one InferenceObjective of its namespace. `status` is passed over. */
export const inferenceSloResource = z.strictObject({
  apiVersion: z.literal(attainApiVersion),
  kind: z.literal("InferenceSLO"),
  metadata,
  spec: z
    .strictObject({
      objectiveRef: z.strictObject({ name: objectName }),
      ttft: durationText.optional(),
      tpot: durationText.optional(),
      e2e: durationText.optional(),
      target: ratioText,
      period: durationText.default(defaultPeriodMs),
      sheddedAs: z.enum(["missed", "excluded"]).default("missed"),
    })
    .refine(({ ttft, tpot, e2e }) => ttft !== undefined || tpot !== undefined || e2e !== undefined, {
      error: "no threshold",
      params: { allowed: "at least one of ttft, tpot, e2e" },
    }),
  status: z.unknown().optional(),
});

/** A decoded InferenceSLO. */
export type InferenceSloResource = z.infer<typeof inferenceSloResource>;
