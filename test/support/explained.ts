/** Decision records in full, as a picker explains them. */
import type { Choice } from "../../picker/decision/choice.ts";
import type { ExplainedDecision } from "../../picker/decision/decision-log.ts";

export const candidateOf = (
  endpoint: string,
  part: Partial<Choice["candidates"][number]> = {},
): Choice["candidates"][number] => ({
  endpoint,
  total: 4,
  scores: { "queue-scorer": 1, "prefix-cache-scorer": 0.5 },
  unknownTo: [],
  metrics: "fresh",
  metricsAgeSeconds: 0.12,
  waitingRequests: 0,
  runningRequests: 3,
  kvCacheUsageRatio: 0.25,
  inFlight: 3,
  prefixMatchedBlocks: 4,
  ...part,
});

export const choiceWith = (part: Partial<Choice> = {}): Choice => ({
  inPool: 3,
  eligible: 3,
  considered: 2,
  scorers: [
    { name: "queue-scorer", weight: 2 },
    { name: "prefix-cache-scorer", weight: 3 },
  ],
  candidates: [
    candidateOf("default/m1", { total: 3.5 }),
    candidateOf("default/m0", { total: 2, scores: { "queue-scorer": 1, "prefix-cache-scorer": 0 } }),
  ],
  decidedBy: "prefix-cache-scorer",
  because: "prefix-cache-scorer put it +1.50 ahead of default/m0",
  prefix: { matchedBlocks: 4, totalBlocks: 8, blockTokens: 64, bestMatchedBlocks: 4 },
  ...part,
});

/** A streamed chat request that missed its TTFT of 500 ms by 112 ms, most of it at the model server. */
export const explained = (part: Partial<ExplainedDecision> = {}): ExplainedDecision => ({
  id: "7d0c5b1e",
  objective: "chat",
  priority: 2,
  verdict: "missed",
  reason: "ttft",
  dimensions: { ttft: "missed", tpot: "met" },
  outcome: "completed",
  refusal: undefined,
  refusalStatus: undefined,
  responseStatus: 200,
  streamed: true,
  model: "llama",
  endpoint: "default/m1",
  queueSeconds: 0.0016,
  ttftSeconds: 0.612,
  tpotSeconds: 0.04,
  elapsedSeconds: 1.2,
  thresholdSeconds: { ttft: 0.5, tpot: 0.05 },
  overSeconds: { ttft: 0.112 },
  promptTokensEstimated: 500,
  inputTokens: 512,
  cachedTokens: 256,
  outputTokens: 15,
  endedAtMs: 60_000,
  waits: {
    receiveSeconds: 0.0012,
    parseSeconds: 0.0001,
    queueSeconds: 0,
    scheduleSeconds: 0.0003,
    firstByteSeconds: 0.6104,
    decodeSeconds: 0.588,
  },
  flow: undefined,
  retryAfterSeconds: undefined,
  choice: choiceWith(),
  ...part,
});

/** Refused before a model server was found. */
export const refused: ExplainedDecision = explained({
  id: "refused-1",
  reason: "no_endpoints",
  dimensions: {},
  outcome: "refused",
  refusal: "no_endpoints",
  refusalStatus: 503,
  responseStatus: undefined,
  streamed: undefined,
  model: undefined,
  endpoint: undefined,
  queueSeconds: undefined,
  ttftSeconds: undefined,
  tpotSeconds: undefined,
  elapsedSeconds: 0.0016,
  overSeconds: {},
  promptTokensEstimated: undefined,
  inputTokens: undefined,
  cachedTokens: undefined,
  outputTokens: 0,
  waits: {
    receiveSeconds: 0.0012,
    parseSeconds: 0.0001,
    queueSeconds: 0,
    scheduleSeconds: 0.0003,
    firstByteSeconds: undefined,
    decodeSeconds: undefined,
  },
  choice: choiceWith({
    inPool: 0,
    eligible: 0,
    considered: 0,
    scorers: [],
    candidates: [],
    decidedBy: undefined,
    because: "the pool has no endpoints",
    prefix: undefined,
  }),
});

/** Shed after a wait. */
export const shed: ExplainedDecision = explained({
  ...refused,
  id: "shed-1",
  objective: "batch",
  priority: -1,
  reason: "ttl_expired",
  refusal: "ttl_expired",
  refusalStatus: 429,
  elapsedSeconds: 12.0016,
  waits: { ...refused.waits, queueSeconds: 12, scheduleSeconds: undefined },
  flow: { outcome: "ttl-expired", waitedSeconds: 12, saturation: 1, aheadRequests: 41, priority: -1 },
  retryAfterSeconds: 7,
  choice: undefined,
});
