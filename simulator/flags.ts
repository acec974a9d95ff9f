import { z } from "zod";
import { ConfigError, pathText } from "#config";
import { isNonEmpty, parseDuration } from "#units";
import { simulatorDefaults } from "./options.ts";
import type { SimulatorSettings } from "./options.ts";
import { noFaults } from "./faults.ts";
import type { FaultsChange } from "./faults.ts";
import { presetNames } from "./presets.ts";

const count = z.coerce.number().int().min(1);
const ratio = z.coerce.number().min(0).max(1);
const flagText = z
  .union([z.boolean(), z.enum(["true", "false"])])
  .transform((value) => value === true || value === "true");
const list = z.string().transform((text) =>
  text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== ""),
);
const duration = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  context.addIssue({ code: "custom", message: `"${text}" is not a duration such as 500ms or 30s` });
  return z.NEVER;
});

/** One flag of `attain simulator`. */
export type SimulatorFlag = {
  /** As commander takes it, such as `--max-loras <count>`. */
  readonly flags: string;
  readonly description: string;
  /** For the help text; undefined where the preset, or nothing, decides. */
  readonly defaultText: string | undefined;
};

const one = (flags: string, description: string, fallback?: string | number | boolean): SimulatorFlag => ({
  flags,
  description,
  defaultText: fallback === undefined ? undefined : String(fallback),
});
const byPreset = (flags: string, description: string): SimulatorFlag => one(flags, description, "by preset");

/** Every flag, in the order of the help text. The names are vLLM's where vLLM has the thing. */
export const simulatorFlags: readonly SimulatorFlag[] = [
  one("--host <address>", "address to listen on", simulatorDefaults.host),
  one(
    "--port <port>",
    "port of the first replica, the next ones follow; 0 takes free ports",
    simulatorDefaults.basePort,
  ),
  one("--replicas <count>", "model servers in this process", simulatorDefaults.replicas),
  one("--name-prefix <text>", "replica i is called <text>-i", simulatorDefaults.namePrefix),
  one("--model <name>", "name of the base model", simulatorDefaults.model),
  one("--served-model-name <names>", "names that requests may use instead, separated by commas"),
  one("--lora <names>", "LoRA adapters, separated by commas"),
  one("--preset <name>", `engine to imitate: ${presetNames.join(", ")}`, simulatorDefaults.preset),
  byPreset("--max-loras <count>", "adapters in GPU memory at the same time"),
  byPreset("--max-num-seqs <count>", "sequences in the running batch"),
  byPreset("--max-num-batched-tokens <count>", "tokens computed in one step"),
  byPreset("--max-model-len <count>", "tokens of prompt and output together"),
  byPreset("--max-waiting-requests <count>", "requests that may wait; more are answered 429"),
  byPreset("--num-gpu-blocks <count>", "blocks of KV cache"),
  byPreset("--block-size <count>", "tokens in a block"),
  byPreset("--enable-prefix-caching <true|false>", "reuse the blocks of a prompt that was seen before"),
  one(
    "--mean-output-tokens <count>",
    "mean length of an answer that nothing cuts",
    simulatorDefaults.lengths.meanTokens,
  ),
  one("--speed <factor>", "steps take this many times less", simulatorDefaults.speed),
  one("--seed <number>", "lengths, words and faults repeat with it", simulatorDefaults.seed),
  one("--fault-latency-factor <factor>", "each step takes this many times as long", noFaults.latencyFactor),
  one("--fault-latency-duration <duration>", "how long the factor holds, such as 30s", "until changed"),
  one("--fault-error-rate <ratio>", "share of requests answered with an error", noFaults.errorRate),
  one("--fault-error-status <status>", "429, 500, 502, 503 or 504", noFaults.errorStatus),
  one("--fault-reset-rate <ratio>", "share of requests whose connection breaks", noFaults.resetRate),
  one("--fault-reset-after-tokens <count>", "tokens before it breaks", noFaults.resetAfterTokens),
  one("--fault-freeze-metrics", "/metrics repeats its first answer", noFaults.freezeMetrics),
  one("--fault-hang", "accept requests and never answer them", noFaults.hang),
];

const schema = z
  .strictObject({
    host: z.string().min(1),
    port: z.coerce.number().int().min(0).max(65_535),
    replicas: count,
    namePrefix: z.string().min(1),
    model: z.string().min(1),
    servedModelName: list,
    lora: list,
    preset: z.enum(presetNames),
    maxLoras: count,
    maxNumSeqs: count,
    maxNumBatchedTokens: count,
    maxModelLen: count,
    maxWaitingRequests: count,
    numGpuBlocks: count,
    blockSize: count,
    enablePrefixCaching: flagText,
    meanOutputTokens: count,
    speed: z.coerce.number().positive(),
    seed: z.coerce.number().int(),
    faultLatencyFactor: z.coerce.number().positive(),
    faultLatencyDuration: duration,
    faultErrorRate: ratio,
    faultErrorStatus: z.coerce.number().pipe(z.literal([429, 500, 502, 503, 504])),
    faultResetRate: ratio,
    faultResetAfterTokens: z.coerce.number().int().min(0),
    faultFreezeMetrics: flagText,
    faultHang: flagText,
  })
  .partial();

const dashed = (key: string): string => `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Leaves out what was not said, so that defaults apply. */
const said = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };

type Flags = z.infer<typeof schema>;

const engineOf = (read: Flags): SimulatorSettings["engine"] & object =>
  said({
    maxLoras: read.maxLoras,
    maxNumSeqs: read.maxNumSeqs,
    maxNumBatchedTokens: read.maxNumBatchedTokens,
    maxModelLen: read.maxModelLen,
    maxWaitingRequests: read.maxWaitingRequests,
    numGpuBlocks: read.numGpuBlocks,
    blockSize: read.blockSize,
    prefixCaching: read.enablePrefixCaching,
  });

const faultsOf = (read: Flags): FaultsChange =>
  said({
    latencyFactor: read.faultLatencyFactor,
    latencyDurationMs: read.faultLatencyDuration,
    errorRate: read.faultErrorRate,
    errorStatus: read.faultErrorStatus,
    resetRate: read.faultResetRate,
    resetAfterTokens: read.faultResetAfterTokens,
    freezeMetrics: read.faultFreezeMetrics,
    hang: read.faultHang,
  });

/**
 * Reads what commander parsed (camel-case keys; text, numbers or booleans). Throws ConfigError naming each flag, what was
 * found and what is allowed.
 */
export function settingsOfFlags(flags: Readonly<Record<string, unknown>>): SimulatorSettings {
  const parsed = schema.safeParse(flags);
  if (!parsed.success) throw flagsError(flags, parsed.error);
  const read = parsed.data;
  return {
    ...said({
      host: read.host,
      basePort: read.port,
      replicas: read.replicas,
      namePrefix: read.namePrefix,
      model: read.model,
      servedModelNames: read.servedModelName,
      loras: read.lora,
      preset: read.preset,
      seed: read.seed,
      speed: read.speed,
    }),
    engine: engineOf(read),
    lengths: said({ meanTokens: read.meanOutputTokens }),
    faults: faultsOf(read),
  };
}

function flagsError(flags: Readonly<Record<string, unknown>>, error: z.ZodError): Error {
  const problems = error.issues.map((issue) => {
    const key = String(issue.path[0] ?? (issue.code === "unrecognized_keys" ? issue.keys[0] : ""));
    return {
      file: "arguments",
      document: undefined,
      path: key === "" ? pathText([]) : dashed(key),
      line: undefined,
      column: undefined,
      found: JSON.stringify(flags[key]),
      allowed: undefined,
      message: issue.message,
    };
  });
  return isNonEmpty(problems) ? new ConfigError(problems) : error;
}
