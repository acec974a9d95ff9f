/** Saturation detectors as configuration names them. */
import { durationText } from "#config";
import { z } from "zod";
import { DetectorFilter, type WhenFull } from "../flow/capacity/detector-filter.ts";
import { defaultLearnedCapacity, type LearnedCapacityOptions } from "../flow/capacity/learned-capacity.ts";
import { defaultLedgerDetector } from "../flow/capacity/ledger-detector.ts";
import { createDetector } from "../flow/create-detector.ts";
import type { DetectorSettings } from "../flow/settings.ts";
import { defineCarried } from "../scheduling/define.ts";
import type { PluginDefinition } from "../scheduling/plugin.ts";

const count = z.int().min(1);
const share = z.number().gt(0).max(1);
const headroom = z.number().min(0).default(0);
/** Requests an endpoint may have, where nothing else says. */
const defaultMaxRequests = 100;

const learned = defaultLearnedCapacity;
const capacity = z
  .strictObject({
    min: count.default(learned.min),
    max: count.default(learned.max),
    initial: count.default(learned.initial),
    additiveStep: z.number().gt(0).default(learned.additiveStep),
    multiplicativeFactor: z.number().gt(0).lt(1).default(learned.multiplicativeFactor),
    aimRatio: z.number().gt(0).max(1).default(learned.aimRatio),
    toleratedRatio: z.number().min(0).lt(1).default(learned.toleratedRatio),
    usedRatio: share.default(learned.usedRatio),
    evidenceRatio: z.number().min(0).max(1).default(learned.evidenceRatio),
    window: durationText.default(learned.windowMs),
    windowSamples: count.default(learned.windowSamples),
  })
  .refine(({ min, initial, max }) => min <= initial && initial <= max, { message: "must be min ≤ initial ≤ max" })
  .transform(({ window: windowMs, ...rest }): LearnedCapacityOptions => ({ ...rest, windowMs }))
  .default(learned);

/** Our default. `maxConcurrency` sets the capacity by hand; without it, it is learned. */
export const ledgerDetector = defineCarried("saturation-detector", {
  type: "ledger-detector",
  stability: "beta",
  parameters: z.strictObject({
    maxConcurrency: count.optional(),
    capacity,
    metricsStalenessThreshold: durationText.default(defaultLedgerDetector.staleAfterMs),
    staleFade: durationText.default(defaultLedgerDetector.staleFadeMs),
    ownShare: share.default(defaultLedgerDetector.ownShare),
  }),
});
export type LedgerParameters = z.infer<typeof ledgerDetector.parameters>;

/** A detector that a scheduling profile may name too, as a filter. `inFlightLoadProducerName` is checked and not used. */
const defineDetector = <P>(
  definition: Pick<PluginDefinition<P>, "type" | "parameters">,
  settings: (parameters: P) => DetectorSettings,
  whenFull: WhenFull,
): PluginDefinition<P> => ({
  ...definition,
  stability: "beta",
  roles: ["saturation-detector", "filter"],
  consumes: [{ producerType: "inflight-load-producer", parameter: "inFlightLoadProducerName", required: false }],
  create: (parameters) => new DetectorFilter((inFlight) => createDetector(settings(parameters), inFlight), whenFull),
});

const utilizationParameters = z.strictObject({
  queueDepthThreshold: count.default(5),
  kvCacheUtilThreshold: share.default(0.8),
  metricsStalenessThreshold: durationText.default(200),
  headroom,
  inFlightLoadProducerName: z.string().optional(),
});
export type UtilizationParameters = z.infer<typeof utilizationParameters>;

export const utilizationSettings = (parameters: UtilizationParameters): DetectorSettings => ({
  type: "utilization-detector",
  maxWaitingRequests: parameters.queueDepthThreshold,
  maxKvCacheUsage: parameters.kvCacheUtilThreshold,
  staleAfterMs: parameters.metricsStalenessThreshold,
  headroomRatio: parameters.headroom,
  maxRequestsWithoutMetrics: defaultMaxRequests,
});

/** As a filter it keeps all where none has room. Source: llm-d-router, utilization-detector. */
export const utilizationDetector = defineDetector(
  { type: "utilization-detector", parameters: utilizationParameters },
  utilizationSettings,
  "all",
);

const concurrencyParameters = z.strictObject({
  concurrencyMode: z.enum(["requests", "tokens", "hybrid"]).default("requests"),
  maxConcurrency: count.default(defaultMaxRequests),
  maxTokenConcurrency: count.default(1_000_000),
  headroom,
  inFlightLoadProducerName: z.string().optional(),
});

export const concurrencySettings = (parameters: z.infer<typeof concurrencyParameters>): DetectorSettings => ({
  type: "concurrency-detector",
  mode: parameters.concurrencyMode,
  maxRequests: parameters.maxConcurrency,
  maxTokens: parameters.maxTokenConcurrency,
  headroomRatio: parameters.headroom,
});

/** As a filter it may leave none. Source: llm-d-router, concurrency-detector. */
export const concurrencyDetector = defineDetector(
  { type: "concurrency-detector", parameters: concurrencyParameters },
  concurrencySettings,
  "none",
);
