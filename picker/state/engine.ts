import type { MetricSpec } from "./metric-spec.ts";

/** Where an engine tells the geometry of its KV cache: as labels of one series, or as values of two. */
export type CacheGeometry =
  | {
      readonly kind: "labels";
      readonly info: MetricSpec;
      readonly blockSizeLabel: string;
      readonly blockCountLabel: string;
    }
  | {
      readonly kind: "values";
      readonly blockSize: MetricSpec | undefined;
      readonly blockCount: MetricSpec | undefined;
    };

/** The names under which one kind of model server publishes what scheduling needs. Of several specs the first that has a sample counts. */
export type Engine = {
  readonly name: string;
  readonly waiting: readonly MetricSpec[];
  readonly running: readonly MetricSpec[];
  readonly kvCacheUsage: readonly MetricSpec[];
  readonly cache: CacheGeometry | undefined;
  readonly lora: MetricSpec | undefined;
};

const metric = (name: string, label?: string, value = ""): MetricSpec => ({
  name,
  labels: label === undefined ? [] : [{ name: label, value }],
});

const vllm: Engine = {
  name: "vllm",
  waiting: [metric("vllm:num_requests_waiting")],
  running: [metric("vllm:num_requests_running")],
  // The second name is the one of vLLM before 0.10.
  kvCacheUsage: [metric("vllm:kv_cache_usage_perc"), metric("vllm:gpu_cache_usage_perc")],
  cache: {
    kind: "labels",
    info: metric("vllm:cache_config_info"),
    blockSizeLabel: "block_size",
    blockCountLabel: "num_gpu_blocks",
  },
  lora: metric("vllm:lora_requests_info"),
};

const sglang: Engine = {
  name: "sglang",
  waiting: [metric("sglang:num_queue_reqs")],
  running: [metric("sglang:num_running_reqs")],
  kvCacheUsage: [metric("sglang:token_usage")],
  cache: {
    kind: "labels",
    info: metric("sglang:cache_config_info"),
    blockSizeLabel: "page_size",
    blockCountLabel: "num_pages",
  },
  lora: undefined,
};

const trtllmServe: Engine = {
  name: "trtllm-serve",
  waiting: [metric("trtllm_num_requests_waiting")],
  running: [metric("trtllm_num_requests_running")],
  kvCacheUsage: [metric("trtllm_kv_cache_utilization")],
  cache: {
    kind: "values",
    blockSize: metric("trtllm_kv_cache_tokens_per_block"),
    blockCount: metric("trtllm_kv_cache_max_blocks"),
  },
  lora: undefined,
};

const tritonBlocks = (type: string): MetricSpec =>
  metric("nv_trt_llm_kv_cache_block_metrics", "kv_cache_block_type", type);

const tritonTensorrtLlm: Engine = {
  name: "triton-tensorrt-llm",
  waiting: [metric("nv_trt_llm_request_metrics", "request_type", "waiting")],
  running: [metric("nv_trt_llm_request_metrics", "request_type", "scheduled")],
  kvCacheUsage: [tritonBlocks("fraction")],
  cache: { kind: "values", blockSize: tritonBlocks("tokens_per"), blockCount: tritonBlocks("max") },
  lora: undefined,
};

const triton: Engine = {
  name: "triton",
  waiting: [metric("nv_inference_pending_request_count")],
  // nv_inference_exec_count, which the field reads here, counts all executions since start: not how many run.
  running: [],
  kvCacheUsage: [],
  cache: undefined,
  lora: undefined,
};

/** The engines that are known without configuration. Source: GIE proposal 003 and the field's core-metrics-extractor. */
export const builtInEngines: readonly Engine[] = [vllm, sglang, trtllmServe, tritonTensorrtLlm, triton];
