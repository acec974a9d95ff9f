import { z } from "zod";
import { flowControl } from "./flow-schema.ts";
import { notYet, onlyDefaultDuration } from "./not-yet.ts";

const pluginRef = z.string().min(1);
const reference = z.strictObject({ pluginRef });

/** The name of the document and its deprecated alias. */
export const apiVersions = ["llm-d.ai/v1alpha1", "inference.networking.x-k8s.io/v1alpha1"] as const;

const dataLayer = z.strictObject({
  injectDefaults: z.boolean().default(true),
  sources: z.array(z.strictObject({ pluginRef, extractors: z.array(reference).default([]) })).default([]),
  discovery: reference.optional(),
  peerDiscovery: notYet(),
  crossReplicaSyncerPluginRef: notYet(),
  crossReplicaSyncInterval: onlyDefaultDuration(200),
});

/**
 * The shape of an EndpointPickerConfig; parameters are decoded by their plugin's own schema.
 * Source: llm-d-router, apix/config/v1alpha1/endpointpickerconfig_types.go.
 */
export const documentSchema = z.strictObject({
  apiVersion: z.enum(apiVersions),
  kind: z.literal("EndpointPickerConfig"),
  featureGates: z.array(z.string()).default([]),
  plugins: z
    .array(
      z.strictObject({
        name: z.string().min(1).optional(),
        type: z.string().min(1),
        parameters: z.unknown().optional(),
      }),
    )
    .default([]),
  schedulingProfiles: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        plugins: z.array(z.strictObject({ pluginRef, weight: z.number().optional() })).default([]),
      }),
    )
    .default([]),
  dataLayer: dataLayer.prefault({}),
  flowControl: flowControl.prefault({}),
  requestHandler: z.strictObject({ parsers: z.array(reference).default([]) }).prefault({}),
  saturationDetector: reference.optional(),
  parser: reference.optional(),
});

/** A document of the right shape whose references are not looked up yet. */
export type EndpointPickerConfig = z.infer<typeof documentSchema>;
