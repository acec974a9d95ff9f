/** The standard OTEL_ variables that decide about traces, as far as the exporter does not read them itself. */
import type { Milliseconds, Ratio } from "#units";
import type { TracePropagation } from "./request-trace.ts";
import type { Sampling } from "./sampling.ts";

/** Variables by name, as the process has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** How the picker traces. */
export type TracingSettings = {
  readonly sampling: Sampling;
  readonly propagation: TracePropagation;
  /** Spans that wait for export; what comes on top is dropped and counted. */
  readonly maxQueuedSpans: number;
  readonly maxBatchSpans: number;
  readonly exportDelayMs: Milliseconds;
  /** Of the process, on everything it exports. */
  readonly resource: Readonly<Record<string, string>>;
};

export type TracingSettingsResult =
  | { readonly kind: "on"; readonly settings: TracingSettings }
  /** The environment turns the SDK or the exporter off. */
  | { readonly kind: "off"; readonly because: string }
  | { readonly kind: "problem"; readonly message: string };

/** As the field's picker samples where nothing is said. */
const defaultRatio: Ratio = 0.1;
const defaultSampler = "parentbased_traceidratio";
const samplers: Readonly<Record<string, readonly [parentBased: boolean, ratio: Ratio | "argument"]>> = {
  always_on: [false, 1],
  always_off: [false, 0],
  traceidratio: [false, "argument"],
  parentbased_always_on: [true, 1],
  parentbased_always_off: [true, 0],
  parentbased_traceidratio: [true, "argument"],
};

/** A variable that is set but cannot be used. */
class Unusable extends Error {
  constructor(name: string, found: string, allowed: string) {
    super(`${name}: found "${found}"; allowed: ${allowed}`);
  }
}

/** An empty variable is as good as none. Source: OpenTelemetry specification, environment variables. */
const textOf = (env: Environment, name: string): string | undefined => env[name]?.trim() || undefined;

function numberOf(env: Environment, name: string, fallback: number, lowest: number, highest: number): number {
  const text = textOf(env, name);
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!(value >= lowest && value <= highest)) throw new Unusable(name, text, `${lowest} to ${highest}`);
  return value;
}

function samplingOf(env: Environment): Sampling {
  const name = textOf(env, "OTEL_TRACES_SAMPLER") ?? defaultSampler;
  const sampler = samplers[name];
  if (sampler === undefined) throw new Unusable("OTEL_TRACES_SAMPLER", name, Object.keys(samplers).join(", "));
  const [parentBased, ratio] = sampler;
  if (ratio !== "argument") return { parentBased, ratio };
  return { parentBased, ratio: numberOf(env, "OTEL_TRACES_SAMPLER_ARG", defaultRatio, 0, 1) };
}

function checkProtocol(env: Environment): void {
  for (const name of ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"]) {
    const protocol = textOf(env, name);
    if (protocol === undefined) continue;
    if (protocol !== "http/protobuf") throw new Unusable(name, protocol, "http/protobuf");
    return;
  }
}

function offBecause(env: Environment): string | undefined {
  if (textOf(env, "OTEL_SDK_DISABLED")?.toLowerCase() === "true") return "OTEL_SDK_DISABLED=true";
  const exporter = textOf(env, "OTEL_TRACES_EXPORTER") ?? "otlp";
  if (exporter === "none") return "OTEL_TRACES_EXPORTER=none";
  if (exporter !== "otlp") throw new Unusable("OTEL_TRACES_EXPORTER", exporter, "otlp, none");
  return undefined;
}

/** `a=b,c=d` with values percent-encoded; an entry that is not of this form is left out. */
function attributeList(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(",").flatMap((entry): readonly (readonly [string, string])[] => {
    const equals = entry.indexOf("=");
    const name = entry.slice(0, equals).trim();
    const value = entry.slice(equals + 1).trim();
    if (equals < 1 || name === "" || /%(?![0-9a-f]{2})/i.test(value)) return [];
    try {
      return [[name, decodeURIComponent(value)]];
    } catch {
      return [];
    }
  });
  return Object.fromEntries(pairs);
}

const resourceOf = (env: Environment, own: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
  const named = textOf(env, "OTEL_SERVICE_NAME");
  return {
    "service.name": "attain-picker",
    ...own,
    ...attributeList(textOf(env, "OTEL_RESOURCE_ATTRIBUTES") ?? ""),
    ...(named === undefined ? {} : { "service.name": named }),
  };
};

/**
 * Reads OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER, OTEL_TRACES_SAMPLER(_ARG), OTEL_BSP_MAX_QUEUE_SIZE,
 * OTEL_BSP_MAX_EXPORT_BATCH_SIZE, OTEL_BSP_SCHEDULE_DELAY, OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES, and checks
 * OTEL_EXPORTER_OTLP_(TRACES_)PROTOCOL. The other OTEL_EXPORTER_OTLP_ variables are the exporter's.
 * @param own attributes that say which process this is, for what the environment does not say
 */
export function tracingSettings(
  env: Environment,
  { propagation, own }: { readonly propagation: TracePropagation; readonly own: Readonly<Record<string, string>> },
): TracingSettingsResult {
  try {
    const because = offBecause(env);
    if (because !== undefined) return { kind: "off", because };
    checkProtocol(env);
    const maxQueuedSpans = numberOf(env, "OTEL_BSP_MAX_QUEUE_SIZE", 2048, 1, 1_000_000);
    return {
      kind: "on",
      settings: {
        sampling: samplingOf(env),
        propagation,
        maxQueuedSpans,
        maxBatchSpans: Math.min(maxQueuedSpans, numberOf(env, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512, 1, 1_000_000)),
        exportDelayMs: numberOf(env, "OTEL_BSP_SCHEDULE_DELAY", 5000, 1, 3_600_000),
        resource: resourceOf(env, own),
      },
    };
  } catch (error) {
    if (error instanceof Unusable) return { kind: "problem", message: error.message };
    throw error;
  }
}
