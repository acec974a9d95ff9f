import type { Command } from "commander";
import { RunGroup } from "#shell";
import type { EndpointsFrom } from "../../picker/shell/configuration-files.ts";
import { startPicker, type RunningPicker } from "../../picker/shell/picker.ts";
import { UsageError } from "../failure.ts";
import { logLevelOption, port, toggle } from "../options.ts";
import {
  addPickerFlags,
  commonPickerOptions,
  configurationFrom,
  loggerFor,
  type PickerFlags,
} from "../picker-flags.ts";
import type { ResolvedConfiguration } from "../../picker/configuration/resolved.ts";

type Flags = PickerFlags & {
  readonly grpcPort: number;
  readonly grpcHealthPort: number;
  readonly poolName: string;
  readonly endpointsFile?: string;
  readonly secureServing: boolean;
  readonly certPath?: string;
  readonly enableCertReload: boolean;
};

function endpointsFrom(flags: Flags, { fileDiscovery }: ResolvedConfiguration): EndpointsFrom {
  if (flags.endpointsFile !== undefined) return { kind: "file", path: flags.endpointsFile, watch: true };
  if (fileDiscovery !== undefined) return { kind: "file", path: fileDiscovery.path, watch: fileDiscovery.watchFile };
  throw new UsageError(
    "--endpoints-file",
    "no endpoints: give --endpoints-file, or a configuration with a file-discovery plugin under dataLayer.discovery",
  );
}

async function run(flags: Flags): Promise<void> {
  const log = loggerFor("picker", flags.logLevel);
  const configuration = configurationFrom(flags);
  const endpoints = endpointsFrom(flags, configuration);
  let picker: RunningPicker | undefined;
  const group = new RunGroup({ log, graceMs: flags.drainTimeout + 5000 });
  group.add({
    name: "picker",
    start: async () => {
      picker = await startPicker({
        ...commonPickerOptions(flags, configuration, log),
        grpcPort: flags.grpcPort,
        healthPort: flags.grpcHealthPort,
        pool: flags.poolName,
        secureServing: flags.secureServing,
        certificatePath: flags.certPath,
        reloadsCertificate: flags.enableCertReload,
        endpoints,
      });
      log.info("picker serves", {
        extProcPort: picker.grpcPort,
        healthPort: picker.healthPort,
        metricsPort: picker.metricsPort,
        tls: flags.secureServing,
        endpoints: picker.snapshot().endpoints.length,
      });
    },
    stop: () => picker?.close(),
  });
  await group.run();
}

/** `attain picker`. */
export function registerPicker(program: Command): void {
  addPickerFlags(program.command("picker"))
    .description("the Endpoint Picker: an ext-proc server that tells a gateway where each request goes")
    .option("--grpc-port <port>", "ext-proc", port, 9002)
    .option("--grpc-health-port <port>", "grpc.health.v1, always plaintext", port, 9003)
    .option("--pool-name <name>", "name of the pool, on every series", "default")
    .option("--endpoints-file <path>", "the pool's endpoints (format of file-discovery), reloaded when it changes")
    .addOption(toggle("--secure-serving", "TLS on the ext-proc port", true))
    .option("--cert-path <directory>", "tls.crt and tls.key (self-signed without it)")
    .addOption(toggle("--enable-cert-reload", "follow changes of --cert-path", true))
    .addOption(logLevelOption("info"))
    .addHelpText(
      "after",
      "\nExamples:\n  attain picker --endpoints-file endpoints.yaml --objectives-file objectives.yaml" +
        "\n  attain picker --config-file epp.yaml --secure-serving=false --log-level debug",
    )
    .action(run);
}
