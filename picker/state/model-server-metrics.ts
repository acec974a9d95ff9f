import type { EndpointMetrics, LoraState } from "#pool";
import type { Milliseconds, Ratio } from "#units";
import type { CacheGeometry, Engine } from "./engine.ts";
import { labelValue, type Sample } from "./exposition-text.ts";
import { selectSamples, type MetricSpec } from "./metric-spec.ts";

const isCount = (value: number): boolean => Number.isFinite(value) && value >= 0;

const none: readonly Sample[] = [];
const isRead = ({ value }: Sample): boolean => isCount(value);

/** The samples of the first spec that has a readable one. */
function firstPresent(text: string, specs: readonly MetricSpec[]): readonly Sample[] {
  for (const spec of specs) {
    const samples = selectSamples(text, spec);
    if (samples.some(isRead)) return samples;
  }
  return none;
}

/** The ranks of a data-parallel engine add up. */
function total(samples: readonly Sample[]): number | undefined {
  let sum: number | undefined;
  for (const { value } of samples) if (isCount(value)) sum = (sum ?? 0) + value;
  return sum;
}

const roundingAllowance = 0.01;

/** The fullest rank bounds what the engine can take. A value well above 1 is not a ratio, so nothing is known. */
function fullest(samples: readonly Sample[]): Ratio | undefined {
  let highest: Ratio | undefined;
  for (const { value } of samples) {
    if (isCount(value) && value <= 1 + roundingAllowance) highest = Math.max(highest ?? 0, Math.min(value, 1));
  }
  return highest;
}

/** Every model and adapter that the load and LoRA series name. */
function modelsOf(samples: readonly Sample[], lora: LoraState | undefined): ReadonlySet<string> {
  const models = new Set(lora === undefined ? [] : [...lora.running, ...lora.waiting]);
  for (const { labels } of samples) {
    const model = labelValue(labels, "model_name") ?? labelValue(labels, "model");
    if (model !== undefined && model !== "") models.add(model);
  }
  return models;
}

const positive = (value: number): number | undefined => (Number.isFinite(value) && value > 0 ? value : undefined);

function numericLabel(sample: Sample, label: string): number | undefined {
  const value = labelValue(sample.labels, label);
  return value === undefined || value === "" ? undefined : positive(Number(value));
}

const firstValue = (text: string, spec: MetricSpec | undefined): number | undefined => {
  const sample = spec && selectSamples(text, spec).find(({ value }) => positive(value) !== undefined);
  return sample?.value;
};

type Geometry = Pick<EndpointMetrics, "cacheBlockSizeTokens" | "cacheBlockCount">;

function geometry(text: string, cache: CacheGeometry | undefined): Geometry {
  if (cache === undefined) return { cacheBlockSizeTokens: undefined, cacheBlockCount: undefined };
  if (cache.kind === "values") {
    return {
      cacheBlockSizeTokens: firstValue(text, cache.blockSize),
      cacheBlockCount: firstValue(text, cache.blockCount),
    };
  }
  const [info] = selectSamples(text, cache.info);
  return {
    cacheBlockSizeTokens: info && numericLabel(info, cache.blockSizeLabel),
    cacheBlockCount: info && numericLabel(info, cache.blockCountLabel),
  };
}

function adapters(list: string | undefined): ReadonlySet<string> {
  if (list === undefined || list === "") return new Set();
  return new Set(
    list
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== ""),
  );
}

/** The value of a LoRA series is the time at which it was made; older ones linger beside the current one. */
function loraOf(text: string, spec: MetricSpec | undefined): LoraState | undefined {
  let newest: Sample | undefined;
  for (const sample of spec === undefined ? [] : selectSamples(text, spec)) {
    if (newest === undefined || sample.value > newest.value) newest = sample;
  }
  if (newest === undefined) return undefined;
  const maxAdapters = labelValue(newest.labels, "max_lora");
  return {
    running: adapters(labelValue(newest.labels, "running_lora_adapters")),
    waiting: adapters(labelValue(newest.labels, "waiting_lora_adapters")),
    maxAdapters: maxAdapters === undefined || !/^\d+$/.test(maxAdapters) ? undefined : Number(maxAdapters),
  };
}

/**
 * Reads one page of a model server's metrics.
 * Several series of one name (data-parallel ranks): waiting and running requests are summed, KV usage is the highest.
 * @returns undefined when the page has none of the engine's load metrics, so that nothing was observed
 */
export function readModelServerMetrics(
  text: string,
  engine: Engine,
  observedAtMs: Milliseconds,
): EndpointMetrics | undefined {
  const waiting = firstPresent(text, engine.waiting);
  const running = firstPresent(text, engine.running);
  const waitingRequests = total(waiting);
  const runningRequests = total(running);
  const kvCacheUsageRatio = fullest(firstPresent(text, engine.kvCacheUsage));
  if (waitingRequests === undefined && runningRequests === undefined && kvCacheUsageRatio === undefined) {
    return undefined;
  }
  const lora = loraOf(text, engine.lora);
  const models = modelsOf(waiting.length > 0 ? waiting : running, lora);
  return {
    waitingRequests,
    runningRequests,
    kvCacheUsageRatio,
    ...geometry(text, engine.cache),
    lora,
    ...(models.size > 0 && { models }),
    observedAtMs,
  };
}
