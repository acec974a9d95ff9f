/** Flags that every command with a picker inside shares, with the field's names and what they turn into. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { Option, type Command } from "commander";
import { ObjectiveTable } from "#objective";
import { createLogger, systemClock, systemRandom, type Logger, type LogLevel } from "#shell";
import { messageOf } from "#errors";
import type { Milliseconds } from "#units";
import { loadConfiguration } from "../picker/configuration/load.ts";
import type { ResolvedConfiguration } from "../picker/configuration/resolved.ts";
import { defaultDecisionBytes } from "../picker/decision/decision-log.ts";
import type { ObjectivesFrom } from "../picker/shell/configuration-files.ts";
import type { PickerOptions } from "../picker/shell/picker.ts";
import { tracePropagations, type TracePropagation } from "../picker/tracing/request-trace.ts";
import { tracingSettings, type TracingSettings } from "../picker/tracing/settings.ts";
import { livePage } from "../web/shell/page-files.ts";
import { UsageError } from "./failure.ts";
import { bytes, duration, port, positive, toggle } from "./options.ts";
import { version } from "./version.ts";

export type PickerFlags = {
  readonly configFile?: string;
  readonly configText?: string;
  readonly objectivesFile?: string;
  readonly allowExperimentalPlugins: boolean;
  readonly bindAddress: string;
  readonly metricsPort: number;
  readonly refreshMetricsInterval: Milliseconds;
  readonly metricsStalenessThreshold: Milliseconds;
  readonly drainTimeout: Milliseconds;
  readonly maxBodySize: number;
  readonly grpcMaxRecvMsgSize: number;
  readonly emitEndpointScores: boolean;
  readonly disableEndpointSubsetFilter: boolean;
  readonly keepControlHeaders: boolean;
  readonly keptDecisions: number;
  readonly keptDecisionsSize: number;
  readonly tracing: boolean;
  readonly tracePropagation: TracePropagation;
  readonly compatMetrics: boolean;
  readonly logLevel: LogLevel;
};

/** Adds the flags to a command. */
export const addPickerFlags = (command: Command): Command =>
  command
    .option("--config-file <path>", "EndpointPickerConfig")
    .option("--config-text <yaml>", "EndpointPickerConfig as text, instead of a file")
    .option("--objectives-file <path>", "InferenceObjective and InferenceSLO documents, reloaded when they change")
    .addOption(toggle("--allow-experimental-plugins", "take plugins of stability alpha", false))
    .option("--bind-address <ip>", "address of every port", "0.0.0.0")
    .option("--metrics-port <port>", "live page, /metrics and /debug", port, 9090)
    .option("--refresh-metrics-interval <duration>", "time between two scrapes of an endpoint", duration, 200)
    .option(
      "--metrics-staleness-threshold <duration>",
      "age from which an endpoint's metrics are stale",
      duration,
      2000,
    )
    .option("--drain-timeout <duration>", "time for requests in flight to end at shutdown", duration, 30_000)
    .option("--max-body-size <bytes>", "largest request body that is read; larger ones get 413", bytes, 64 * 2 ** 20)
    .option("--grpc-max-recv-msg-size <bytes>", "largest ext-proc message", bytes, 4 * 2 ** 20)
    .addOption(toggle("--emit-endpoint-scores", "put the scores of all candidates into the dynamic metadata", false))
    .addOption(toggle("--disable-endpoint-subset-filter", "ignore the proxy's subset hint", false))
    .addOption(toggle("--keep-control-headers", "pass the headers that steer the picker on to the model server", false))
    .option("--kept-decisions <count>", "last requests kept for /debug/requests", positive, 5000)
    .option("--kept-decisions-size <bytes>", "memory that they may take", bytes, defaultDecisionBytes)
    .addOption(toggle("--tracing", "export traces over OTLP as the OTEL_* variables say", false))
    .addOption(
      new Option("--trace-propagation <mode>", "make our span the parent of the model server's, or leave traceparent")
        .choices([...tracePropagations])
        .default("inject"),
    )
    .addOption(toggle("--compat-metrics", "show the llm_d_epp_* names on /metrics as well", false));

/** The logger of a command: one readable line on a terminal, JSON elsewhere. */
export const loggerFor = (command: string, level: LogLevel): Logger =>
  createLogger({ level, base: { command }, format: process.stderr.isTTY ? "text" : "json" });

function configurationText({ configFile, configText }: PickerFlags): { readonly text: string; readonly file: string } {
  if (configFile !== undefined && configText !== undefined) {
    throw new UsageError("--config-text", "give either --config-file or --config-text, not both");
  }
  if (configText !== undefined) return { text: configText, file: "--config-text" };
  if (configFile === undefined)
    return { text: "apiVersion: llm-d.ai/v1alpha1\nkind: EndpointPickerConfig\n", file: "default" };
  try {
    return { text: readFileSync(configFile, "utf8"), file: configFile };
  } catch (error) {
    throw new UsageError("--config-file", `cannot be read: ${messageOf(error)}`);
  }
}

/** @throws ConfigError, UsageError */
export function configurationFrom(flags: PickerFlags): ResolvedConfiguration {
  const { text, file } = configurationText(flags);
  return loadConfiguration(text, {
    file,
    allowExperimental: flags.allowExperimentalPlugins,
    refreshIntervalMs: flags.refreshMetricsInterval,
  });
}

const objectivesFrom = ({ objectivesFile }: PickerFlags): ObjectivesFrom =>
  objectivesFile === undefined
    ? { kind: "table", table: new ObjectiveTable([]) }
    : { kind: "file", path: objectivesFile };

/** @throws UsageError where an OTEL_ variable cannot be used */
function tracingFrom({ tracing, tracePropagation }: PickerFlags, log: Logger): TracingSettings | undefined {
  if (!tracing) return undefined;
  const own = { "service.version": version, "service.instance.id": randomUUID(), "host.name": hostname() };
  const result = tracingSettings(process.env, { propagation: tracePropagation, own });
  if (result.kind === "problem") throw new UsageError("--tracing", result.message);
  if (result.kind === "on") return result.settings;
  log.warn("tracing is off", { because: result.because });
  return undefined;
}

/** Options of the picker that do not depend on where endpoints come from and how it is reached. */
export const commonPickerOptions = (flags: PickerFlags, configuration: ResolvedConfiguration, log: Logger) =>
  ({
    host: flags.bindAddress,
    metricsPort: flags.metricsPort,
    configuration,
    objectives: objectivesFrom(flags),
    scrapeIntervalMs: configuration.metrics?.source.interval ?? flags.refreshMetricsInterval,
    staleAfterMs: flags.metricsStalenessThreshold,
    maxBodyBytes: flags.maxBodySize,
    maxMessageBytes: flags.grpcMaxRecvMsgSize,
    drainTimeoutMs: flags.drainTimeout,
    emitsEndpointScores: flags.emitEndpointScores,
    usesSubsetHint: !flags.disableEndpointSubsetFilter,
    stripsControlHeaders: !flags.keepControlHeaders,
    keptDecisions: flags.keptDecisions,
    keptDecisionBytes: flags.keptDecisionsSize,
    tracing: tracingFrom(flags, log),
    compatMetrics: flags.compatMetrics,
    page: livePage(),
    version,
    log,
    clock: systemClock,
    random: systemRandom,
  }) as const satisfies Partial<PickerOptions>;
