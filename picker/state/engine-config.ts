import { CodedError } from "#errors";
import { builtInEngines, type CacheGeometry, type Engine } from "./engine.ts";
import { parseMetricSpec, type MetricSpec } from "./metric-spec.ts";

type SpecText = string | undefined;

/** An engine of one's own. A spec is `name` or `name{label=value,…}`; without one, or empty, the metric is not read. */
export type EngineConfig = {
  readonly name: string;
  readonly queuedRequestsSpec?: SpecText;
  readonly runningRequestsSpec?: SpecText;
  readonly kvUsageSpec?: SpecText;
  readonly loraSpec?: SpecText;
  readonly cacheInfoSpec?: SpecText;
  readonly cacheBlockSizeLabelName?: string | undefined;
  readonly cacheNumBlocksLabelName?: string | undefined;
  readonly cacheBlockSizeSpec?: SpecText;
  readonly cacheNumBlocksSpec?: SpecText;
};

/** Which engine an endpoint is. Source: parameters of the field's `core-metrics-extractor`. */
export type EngineParameters = {
  /** Label of the endpoint that names its engine. */
  readonly engineLabelKey: string;
  readonly defaultEngine: string;
  readonly engineConfigs: readonly EngineConfig[];
};

/** Engine parameters that cannot be used; the message says where and what is allowed. */
export class EngineError extends CodedError<{ readonly code: "ENGINE_UNUSABLE"; readonly path: string }> {
  constructor(path: string, message: string) {
    super({ code: "ENGINE_UNUSABLE", path }, `core-metrics-extractor: ${path}: ${message}`);
  }
}

type Read = (key: keyof EngineConfig) => MetricSpec | undefined;

function reader(config: EngineConfig, index: number): Read {
  return (key) => {
    const text = config[key];
    if (text === undefined || text === "") return undefined;
    const spec = parseMetricSpec(text);
    if (spec !== undefined) return spec;
    const found = JSON.stringify(text);
    throw new EngineError(`engineConfigs[${index}].${key}`, `found ${found}; allowed name or name{label=value}`);
  };
}

function geometryOf(config: EngineConfig, read: Read): CacheGeometry | undefined {
  const info = read("cacheInfoSpec");
  if (info !== undefined) {
    const { cacheBlockSizeLabelName = "block_size", cacheNumBlocksLabelName = "num_gpu_blocks" } = config;
    return { kind: "labels", info, blockSizeLabel: cacheBlockSizeLabelName, blockCountLabel: cacheNumBlocksLabelName };
  }
  const blockSize = read("cacheBlockSizeSpec");
  const blockCount = read("cacheNumBlocksSpec");
  return blockSize === undefined && blockCount === undefined ? undefined : { kind: "values", blockSize, blockCount };
}

const asList = (spec: MetricSpec | undefined): readonly MetricSpec[] => (spec === undefined ? [] : [spec]);

function engineOf(config: EngineConfig, index: number): Engine {
  const read = reader(config, index);
  return {
    name: config.name,
    waiting: asList(read("queuedRequestsSpec")),
    running: asList(read("runningRequestsSpec")),
    kvCacheUsage: asList(read("kvUsageSpec")),
    cache: geometryOf(config, read),
    lora: read("loraSpec"),
  };
}

const legacyEngineLabel = "inference.networking.k8s.io/engine-type";

/** Chooses the engine of an endpoint by its labels; the default one where the label is absent or unknown. */
export type EngineSelector = (labels: Readonly<Record<string, string>>) => Engine;

/**
 * An engine that is configured replaces the built-in one of its name as a whole.
 * @throws EngineError for a second engine of one name, a spec that cannot be read, a default that nobody defines
 */
export function engineSelector({ engineLabelKey, defaultEngine, engineConfigs }: EngineParameters): EngineSelector {
  const own = new Map<string, Engine>();
  for (const [index, config] of engineConfigs.entries()) {
    if (own.has(config.name)) throw new EngineError(`engineConfigs[${index}].name`, `a second engine "${config.name}"`);
    own.set(config.name, engineOf(config, index));
  }
  const byName = new Map([...builtInEngines.map((engine) => [engine.name, engine] as const), ...own]);
  const fallback = byName.get(defaultEngine);
  if (fallback === undefined) {
    const allowed = [...byName.keys()].join(", ");
    throw new EngineError(
      "defaultEngine",
      `unknown engine; found ${JSON.stringify(defaultEngine)}; allowed ${allowed}`,
    );
  }
  return (labels) => byName.get(labels[engineLabelKey] ?? labels[legacyEngineLabel] ?? defaultEngine) ?? fallback;
}
