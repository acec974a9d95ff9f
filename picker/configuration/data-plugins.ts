import { allowing, durationText, parsedText, portNumber } from "#config";
import { z } from "zod";
import { defineCarried } from "../scheduling/define.ts";
import { notYet, onlyDefault } from "./not-yet.ts";

const file = z.string().min(1).optional();

/** Scrapes each endpoint's metrics page. Without `port` it is the endpoint's own, without `interval` every tick. */
export const metricsDataSource = defineCarried("source", {
  type: "metrics-data-source",
  stability: "beta",
  parameters: z.strictObject({
    scheme: z.enum(["http", "https"]).default("http"),
    path: allowing('a path that starts with "/"', z.string().startsWith("/")).default("/metrics"),
    port: portNumber.optional(),
    insecureSkipVerify: z.boolean().default(true),
    caCertPath: file,
    clientCertPath: file,
    clientKeyPath: file,
    interval: durationText.optional(),
  }),
});
export type MetricsSourceParameters = z.infer<typeof metricsDataSource.parameters>;

const metricSpec = /^[A-Za-z_:][\w:]*(\{[^{}]*\})?$/;
const spec = parsedText("a metric name, or name{label=value,…}, or an empty text", (text) =>
  text === "" || metricSpec.test(text) ? text : undefined,
).optional();
const engineName = allowing(
  'a name other than "default"',
  z
    .string()
    .min(1)
    .refine((name) => name !== "default", { message: "reserved name" }),
);
const label = z.string().optional();

/** Which series of a metrics page says what, by the engine that an endpoint runs. */
export const coreMetricsExtractor = defineCarried("extractor", {
  type: "core-metrics-extractor",
  stability: "beta",
  parameters: z.strictObject({
    engineLabelKey: z.string().min(1).default("llm-d.ai/engine-type"),
    defaultEngine: z.string().min(1).default("vllm"),
    engineConfigs: z
      .array(
        z.strictObject({
          name: engineName,
          queuedRequestsSpec: spec,
          runningRequestsSpec: spec,
          kvUsageSpec: spec,
          loraSpec: spec,
          cacheInfoSpec: spec,
          cacheBlockSizeLabelName: label,
          cacheNumBlocksLabelName: label,
          cacheBlockSizeSpec: spec,
          cacheNumBlocksSpec: spec,
          customMetrics: notYet(),
        }),
      )
      .default([]),
  }),
});
export type CoreMetricsParameters = z.infer<typeof coreMetricsExtractor.parameters>;

/** Endpoints from a file. */
export const fileDiscovery = defineCarried("discovery", {
  type: "file-discovery",
  stability: "beta",
  parameters: z.strictObject({ path: z.string().min(1), watchFile: z.boolean().default(false) }),
});
export type FileDiscoveryParameters = z.infer<typeof fileDiscovery.parameters>;

/** The in-flight ledger; the picker keeps it in any case, exactly, and of prompt tokens only. */
export const inflightLoadProducer = defineCarried("producer", {
  type: "inflight-load-producer",
  stability: "beta",
  parameters: z.strictObject({
    addEstimatedOutputTokens: onlyDefault(false),
    outputRatio: z.number().positive().default(1.5),
    maxEstimatedOutputTokens: z.number().positive().optional(),
    prefixMatchInfoProducerName: z.string().min(1).optional(),
    syncCrossReplicaState: z.boolean().default(true),
  }),
  consumes: [
    { producerType: "approx-prefix-cache-producer", parameter: "prefixMatchInfoProducerName", required: false },
  ],
});

/** Tokens are estimated from the length of the prompt: the field's `estimate` backend for text. */
export const tokenProducer = defineCarried("producer", {
  type: "token-producer",
  stability: "beta",
  parameters: z.strictObject({
    estimate: z.strictObject({ image: notYet(), video: notYet() }).optional(),
    modelName: notYet(),
    vllm: notYet(),
    udsTokenizerConfig: notYet(),
  }),
});
