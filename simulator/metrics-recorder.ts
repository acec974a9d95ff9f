import { MetricRegistry, renderText } from "#metrics";
import type { Counter } from "#metrics";
import { toSeconds } from "#units";
import type { Milliseconds, Seconds } from "#units";
import type { EngineConfig, EngineEvent, EngineState, FinishReason } from "./engine/engine-request.ts";
import { modelServerMetrics as specs } from "./metrics.ts";

type Finished = Extract<EngineEvent, { readonly kind: "finished" }>;

/** A counter that follows a total kept elsewhere. */
function following(counter: Counter): (total: number) => void {
  let last = 0;
  return (total) => {
    counter.add(total - last);
    last = total;
  };
}

/** The handles of one engine's series. */
function handles(registry: MetricRegistry, modelName: string) {
  const own = { model_name: modelName, engine: "0" };
  const finished = (reason: FinishReason) =>
    registry.counter(specs.requestSuccess, { ...own, finished_reason: reason });
  return {
    running: registry.gauge(specs.running, own),
    waiting: registry.gauge(specs.waiting, own),
    kvCacheUsage: registry.gauge(specs.kvCacheUsage, own),
    totals: {
      promptTokens: following(registry.counter(specs.promptTokens, own)),
      generatedTokens: following(registry.counter(specs.generationTokens, own)),
      preemptions: following(registry.counter(specs.preemptions, own)),
      prefixQueriedTokens: following(registry.counter(specs.prefixQueries, own)),
      prefixHitTokens: following(registry.counter(specs.prefixHits, own)),
    },
    finished: { stop: finished("stop"), length: finished("length"), abort: finished("abort") },
    timeToFirstToken: registry.histogram(specs.timeToFirstToken, own),
    interTokenLatency: registry.histogram(specs.interTokenLatency, own),
    timePerOutputToken: registry.histogram(specs.timePerOutputToken, own),
    requestTimePerOutputToken: registry.histogram(specs.requestTimePerOutputToken, own),
    e2eLatency: registry.histogram(specs.e2eLatency, own),
    queueTime: registry.histogram(specs.queueTime, own),
    prefillTime: registry.histogram(specs.prefillTime, own),
    decodeTime: registry.histogram(specs.decodeTime, own),
    inferenceTime: registry.histogram(specs.inferenceTime, own),
    requestPromptTokens: registry.histogram(specs.requestPromptTokens, own),
    requestGenerationTokens: registry.histogram(specs.requestGenerationTokens, own),
  } as const;
}

/** Turns an engine's events and state into the text that `GET /metrics` answers. */
export class MetricsRecorder {
  readonly #registry = new MetricRegistry();
  readonly #handles: ReturnType<typeof handles>;
  readonly #maxLoras: number | undefined;

  /** `hasLoras` false: the server says nothing about adapters. */
  constructor(modelName: string, config: EngineConfig, hasLoras: boolean) {
    this.#handles = handles(this.#registry, modelName);
    this.#maxLoras = hasLoras ? config.maxLoras : undefined;
    const cacheConfig = this.#registry.gauge(specs.cacheConfig, {
      block_size: String(config.blockSize),
      enable_prefix_caching: config.prefixCaching ? "True" : "False",
      engine: "0",
      num_gpu_blocks: String(config.numGpuBlocks),
    });
    cacheConfig.set(1);
  }

  record(event: EngineEvent): void {
    if (event.kind === "token") {
      const since = toSeconds(event.sinceMs);
      if (event.index === 1) this.#handles.timeToFirstToken.observe(since);
      else {
        this.#handles.interTokenLatency.observe(since);
        this.#handles.timePerOutputToken.observe(since);
      }
    } else if (event.kind === "finished") this.#recordEnd(event);
  }

  /** The exposition of a reading taken at `unixSeconds`. */
  render(state: EngineState, unixSeconds: Seconds): string {
    this.#handles.running.set(state.runningRequests);
    this.#handles.waiting.set(state.waitingRequests);
    this.#handles.kvCacheUsage.set(state.kvCacheUsageRatio);
    for (const name of Object.keys(this.#handles.totals) as (keyof typeof state.totals)[]) {
      this.#handles.totals[name](state.totals[name]);
    }
    if (this.#maxLoras !== undefined) this.#recordAdapters(state, this.#maxLoras, unixSeconds);
    return renderText(this.#registry);
  }

  /** One series at a time: the set of adapters is in its labels. */
  #recordAdapters(state: EngineState, maxLoras: number, unixSeconds: Seconds): void {
    this.#registry.remove(specs.lora, {});
    const info = this.#registry.gauge(specs.lora, {
      max_lora: String(maxLoras),
      running_lora_adapters: state.runningAdapters.join(","),
      waiting_lora_adapters: state.waitingAdapters.join(","),
    });
    info.set(unixSeconds);
  }

  #recordEnd(event: Finished): void {
    const { atMs, reason, submittedAtMs, scheduledAtMs, firstTokenAtMs, outputTokens } = event;
    const since = (fromMs: Milliseconds) => toSeconds(atMs - fromMs);
    const to = this.#handles;
    to.finished[reason].add();
    if (reason === "abort") return;
    to.e2eLatency.observe(since(submittedAtMs));
    to.requestPromptTokens.observe(event.promptTokens);
    to.requestGenerationTokens.observe(outputTokens);
    if (scheduledAtMs === undefined) return;
    to.queueTime.observe(toSeconds(scheduledAtMs - submittedAtMs));
    to.inferenceTime.observe(since(scheduledAtMs));
    if (firstTokenAtMs === undefined) return;
    to.prefillTime.observe(toSeconds(firstTokenAtMs - scheduledAtMs));
    to.decodeTime.observe(since(firstTokenAtMs));
    if (outputTokens > 1) to.requestTimePerOutputToken.observe(since(firstTokenAtMs) / (outputTokens - 1));
  }
}
