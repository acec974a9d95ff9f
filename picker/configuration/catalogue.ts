import { approxPrefixCacheProducer } from "../prefix/approx-prefix-cache-producer.ts";
import { prefixCacheScorer } from "../prefix/prefix-cache-scorer.ts";
import { headerBasedTestingFilter } from "../scheduling/filters/header-based-testing.ts";
import { labelSelectorFilter } from "../scheduling/filters/label-selector.ts";
import { decodeFilter, encodeFilter, prefillFilter } from "../scheduling/filters/role.ts";
import { singleProfileHandler } from "../scheduling/handlers/single-profile.ts";
import { maxScorePicker } from "../scheduling/pickers/max-score.ts";
import { randomPicker } from "../scheduling/pickers/random.ts";
import { weightedRandomPicker } from "../scheduling/pickers/weighted-random.ts";
import type { PluginDefinition } from "../scheduling/plugin.ts";
import { activeRequestScorer } from "../scheduling/scorers/active-request.ts";
import { headerLabelAffinityScorer } from "../scheduling/scorers/header-label-affinity.ts";
import { kvCacheUtilizationScorer } from "../scheduling/scorers/kv-cache-utilization.ts";
import { loadAwareScorer } from "../scheduling/scorers/load-aware.ts";
import { loraAffinityScorer } from "../scheduling/scorers/lora-affinity.ts";
import { queueScorer } from "../scheduling/scorers/queue.ts";
import { runningRequestsScorer } from "../scheduling/scorers/running-requests.ts";
import { tokenLoadScorer } from "../scheduling/scorers/token-load.ts";
import {
  coreMetricsExtractor,
  fileDiscovery,
  inflightLoadProducer,
  metricsDataSource,
  tokenProducer,
} from "./data-plugins.ts";
import { parsers } from "./parser-plugins.ts";
import { policies } from "./policy-plugins.ts";

/** Every plugin that a configuration can name. Adding one is adding a line. */
export const inTree: readonly PluginDefinition[] = [
  singleProfileHandler,
  decodeFilter,
  prefillFilter,
  encodeFilter,
  labelSelectorFilter,
  headerBasedTestingFilter,
  queueScorer,
  runningRequestsScorer,
  kvCacheUtilizationScorer,
  prefixCacheScorer,
  loraAffinityScorer,
  activeRequestScorer,
  loadAwareScorer,
  tokenLoadScorer,
  headerLabelAffinityScorer,
  maxScorePicker,
  randomPicker,
  weightedRandomPicker,
  approxPrefixCacheProducer,
  inflightLoadProducer,
  tokenProducer,
  metricsDataSource,
  coreMetricsExtractor,
  fileDiscovery,
  ...parsers,
  ...policies,
];

/** Plugin types of the field that are refused by name. Source: llm-d-router, cmd/epp/runner/runner.go. */
export const onlyInTheField: readonly string[] = [
  "agent-identity",
  "always-disagg-multimodal-decider",
  "always-disagg-pd-decider",
  "burst-prefix-cache-producer",
  "by-label",
  "by-label-selector",
  "context-length-aware",
  "data-parallel-profile-handler",
  "dcgm-data-source",
  "dcgm-extractor",
  "destination-endpoint-served-verifier",
  "disagg-headers-handler",
  "disagg-profile-handler",
  "disaggregatedset-rollout-screener",
  "endpoint-attribute-filter",
  "endpoint-attribute-scorer",
  "endpoint-notification-source",
  "header-profile-handler",
  "k8s-notification-source",
  "latency-scorer",
  "latency-slo-admitter",
  "mm-embeddings-cache-producer",
  "mm-embeddings-cache-scorer",
  "models-data-extractor",
  "models-data-source",
  "multicluster-approx-prefix-cache-producer",
  "multicluster-file-discovery",
  "multicluster-kv-cache-utilization-scorer",
  "multicluster-metrics-data-source",
  "multicluster-metrics-extractor",
  "multicluster-prefix-cache-scorer",
  "multicluster-queue-scorer",
  "multicluster-session-affinity-filter",
  "no-hit-lru-scorer",
  "p2p-source-producer",
  "pd-profile-handler",
  "precise-prefix-cache-producer",
  "precise-prefix-cache-scorer",
  "predicted-latency-producer",
  "prefill-header-handler",
  "prefix-based-pd-decider",
  "prefix-cache-affinity-filter",
  "probabilistic-admitter",
  "request-attribute-reporter",
  "session-affinity-filter",
  "session-affinity-scorer",
  "session-id-producer",
  "sglanghttp-parser",
  "slo-headroom-tier-filter",
  "tokenizer",
  "topology-affinity-filter",
  "topology-affinity-scorer",
  "topology-extractor",
  "utilization-filter",
  "vertexai-parser",
  "vllmgrpc-parser",
  "vllmhttp-parser",
];
