import { ConfigError } from "#config";
import { isNonEmpty } from "#units";
import type { Bytes } from "#units";
import { engineConfigProblems } from "./engine/engine-request.ts";
import type { EngineConfig } from "./engine/engine-request.ts";
import { noFaults } from "./faults.ts";
import type { Faults, FaultsChange } from "./faults.ts";
import type { OutputLengths } from "./output-plan.ts";
import { presets } from "./presets.ts";
import type { PresetName } from "./presets.ts";

/** What a caller may say; the rest is in {@link simulatorDefaults}. */
export type SimulatorSettings = {
  readonly host?: string;
  /** Port of the first replica, the next ones follow; 0 takes a free port for each. */
  readonly basePort?: number;
  readonly replicas?: number;
  /** Replica i is called `<namePrefix>-<i>`. */
  readonly namePrefix?: string;
  readonly model?: string;
  /** Names that requests may use instead of `model`; the first is the one in metrics. */
  readonly servedModelNames?: readonly string[];
  readonly loras?: readonly string[];
  readonly preset?: PresetName;
  /** Wins over the preset, field by field. */
  readonly engine?: Partial<EngineConfig>;
  readonly lengths?: Partial<OutputLengths>;
  readonly faults?: FaultsChange;
  readonly seed?: number;
  /** Steps take this many times less than the preset says. */
  readonly speed?: number;
  readonly maxBodyBytes?: Bytes;
  /** A client that leaves more than this unread is cut off. */
  readonly maxUnreadBytes?: Bytes;
};

/** Settings with nothing left open. */
export type SimulatorOptions = {
  readonly host: string;
  readonly basePort: number;
  readonly replicas: number;
  readonly namePrefix: string;
  readonly servedNames: readonly [string, ...string[]];
  readonly loras: readonly string[];
  readonly engine: EngineConfig;
  readonly lengths: OutputLengths;
  readonly faults: Faults;
  readonly seed: number;
  readonly speed: number;
  readonly maxBodyBytes: Bytes;
  readonly maxUnreadBytes: Bytes;
};

/** What is not said. */
export const simulatorDefaults = {
  host: "127.0.0.1",
  basePort: 8000,
  replicas: 1,
  namePrefix: "sim",
  model: "attain-demo",
  preset: "laptop",
  lengths: { meanTokens: 128, sigma: 0.6 },
  seed: 1,
  speed: 1,
  maxBodyBytes: 8 * 2 ** 20,
  maxUnreadBytes: 4 * 2 ** 20,
} as const satisfies SimulatorSettings;

type Problem = { readonly path: string; readonly message: string };

function rangeProblems({ replicas, basePort, speed, loras, servedNames }: SimulatorOptions): readonly Problem[] {
  const problems: Problem[] = [];
  if (!Number.isInteger(replicas) || replicas < 1) {
    problems.push({ path: "replicas", message: `${replicas} is not a whole number of at least 1` });
  }
  if (!Number.isInteger(basePort) || basePort < 0 || basePort + replicas - 1 > 65_535) {
    problems.push({ path: "basePort", message: `${basePort} leaves no port from 0 to 65535 for each replica` });
  }
  if (!(speed > 0)) problems.push({ path: "speed", message: `${speed} is not above 0` });
  for (const lora of loras) {
    if (servedNames.includes(lora)) problems.push({ path: "loras", message: `"${lora}" is also a model name` });
  }
  return problems;
}

/** Fills in the defaults. Throws ConfigError naming every setting that cannot be used. */
export function resolveSettings(settings: SimulatorSettings): SimulatorOptions {
  const { model = simulatorDefaults.model, preset = simulatorDefaults.preset, servedModelNames = [] } = settings;
  const options: SimulatorOptions = {
    host: settings.host ?? simulatorDefaults.host,
    basePort: settings.basePort ?? simulatorDefaults.basePort,
    replicas: settings.replicas ?? simulatorDefaults.replicas,
    namePrefix: settings.namePrefix ?? simulatorDefaults.namePrefix,
    servedNames: isNonEmpty(servedModelNames) ? servedModelNames : [model],
    loras: settings.loras ?? [],
    engine: { ...presets[preset], ...settings.engine },
    lengths: { ...simulatorDefaults.lengths, ...settings.lengths },
    faults: { ...noFaults, ...settings.faults },
    seed: settings.seed ?? simulatorDefaults.seed,
    speed: settings.speed ?? simulatorDefaults.speed,
    maxBodyBytes: settings.maxBodyBytes ?? simulatorDefaults.maxBodyBytes,
    maxUnreadBytes: settings.maxUnreadBytes ?? simulatorDefaults.maxUnreadBytes,
  };
  const problems: readonly Problem[] = [
    ...rangeProblems(options),
    ...engineConfigProblems(options.engine).map(({ field, problem }) => ({ path: field, message: problem })),
  ];
  const told = problems.map(({ path, message }) => ({
    file: "simulator options",
    document: undefined,
    path,
    line: undefined,
    column: undefined,
    found: undefined,
    allowed: undefined,
    message,
  }));
  if (isNonEmpty(told)) throw new ConfigError(told);
  return options;
}
