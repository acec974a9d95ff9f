import { defineCounter, defineGauge, defineHistogram } from "#metrics";

const labels = ["model_name", "engine"] as const;
const ours = { stability: "stable", owner: "simulator" } as const;
const latencyEdges = [
  0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680,
] as const;
const ttftEdges = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560,
] as const;
const perTokenEdges = [
  0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80,
] as const;
const tokenEdges = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000] as const;

const gauge = (name: string, help: string, unit: "ratio" | "none" = "none") =>
  defineGauge({ name, help, unit, labels, ...ours });
const counter = (name: string, help: string, unit: "tokens" | "none" = "none") =>
  defineCounter({ name, help, unit, labels, ...ours });
const seconds = (name: string, help: string, edges: readonly number[]) =>
  defineHistogram({ name, help, unit: "seconds", labels, edges, ...ours });

/** The series of a vLLM server, under its names. Source: the Model Server Protocol and vLLM's metrics documentation. */
export const modelServerMetrics = {
  running: gauge("vllm:num_requests_running", "Number of requests in the running batch."),
  waiting: gauge("vllm:num_requests_waiting", "Number of requests waiting to be processed."),
  kvCacheUsage: gauge("vllm:kv_cache_usage_perc", "KV-cache usage as a ratio, 1 means full.", "ratio"),
  cacheConfig: defineGauge({
    name: "vllm:cache_config_info",
    help: "Configuration of the KV cache.",
    unit: "none",
    labels: ["block_size", "enable_prefix_caching", "engine", "num_gpu_blocks"],
    ...ours,
  }),
  lora: defineGauge({
    name: "vllm:lora_requests_info",
    help: "Adapters of running and waiting requests, valued with the Unix time of the reading.",
    unit: "none",
    labels: ["max_lora", "running_lora_adapters", "waiting_lora_adapters"],
    ...ours,
  }),
  promptTokens: counter("vllm:prompt_tokens_total", "Number of prompt tokens processed.", "tokens"),
  generationTokens: counter("vllm:generation_tokens_total", "Number of tokens generated.", "tokens"),
  prefixQueries: counter("vllm:prefix_cache_queries_total", "Prompt tokens looked up in the prefix cache.", "tokens"),
  prefixHits: counter("vllm:prefix_cache_hits_total", "Prompt tokens found in the prefix cache.", "tokens"),
  preemptions: counter("vllm:num_preemptions_total", "Number of preemptions."),
  requestSuccess: defineCounter({
    name: "vllm:request_success_total",
    help: "Number of finished requests by the reason of their end.",
    unit: "none",
    labels: ["model_name", "engine", "finished_reason"],
    values: { finished_reason: ["stop", "length", "abort"] },
    ...ours,
  }),
  timeToFirstToken: seconds("vllm:time_to_first_token_seconds", "Submission to first token.", ttftEdges),
  interTokenLatency: seconds("vllm:inter_token_latency_seconds", "Gap between two tokens.", perTokenEdges),
  /** The name of inter_token_latency_seconds in older servers; scrapers of both are in the field. */
  timePerOutputToken: seconds("vllm:time_per_output_token_seconds", "Gap between two tokens.", perTokenEdges),
  requestTimePerOutputToken: seconds(
    "vllm:request_time_per_output_token_seconds",
    "Mean gap between the tokens of one request.",
    perTokenEdges,
  ),
  e2eLatency: seconds("vllm:e2e_request_latency_seconds", "Submission to end.", latencyEdges),
  queueTime: seconds("vllm:request_queue_time_seconds", "Submission to the first step.", latencyEdges),
  prefillTime: seconds("vllm:request_prefill_time_seconds", "First step to first token.", latencyEdges),
  decodeTime: seconds("vllm:request_decode_time_seconds", "First token to last token.", latencyEdges),
  inferenceTime: seconds("vllm:request_inference_time_seconds", "First step to last token.", latencyEdges),
  requestPromptTokens: defineHistogram({
    name: "vllm:request_prompt_tokens",
    help: "Prompt tokens of a request.",
    unit: "tokens",
    labels,
    edges: tokenEdges,
    ...ours,
  }),
  requestGenerationTokens: defineHistogram({
    name: "vllm:request_generation_tokens",
    help: "Generated tokens of a request.",
    unit: "tokens",
    labels,
    edges: tokenEdges,
    ...ours,
  }),
} as const;
