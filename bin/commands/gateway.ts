import { isIP } from "node:net";
import { InvalidArgumentError, type Command } from "commander";
import { RunGroup, type Logger } from "#shell";
import { startGateway, type Gateway } from "../../gateway/shell/server.ts";
import type { EndpointsFrom } from "../../picker/shell/configuration-files.ts";
import { startPicker, type PickerOptions, type RunningPicker } from "../../picker/shell/picker.ts";
import { UsageError } from "../failure.ts";
import { logLevelOption, port } from "../options.ts";
import {
  addPickerFlags,
  commonPickerOptions,
  configurationFrom,
  loggerFor,
  type PickerFlags,
} from "../picker-flags.ts";

type HostPort = { readonly address: string; readonly port: number };

type Flags = PickerFlags & {
  readonly port: number;
  readonly endpoints?: readonly HostPort[];
  readonly endpointsFile?: string;
};

const address = /^(?:\[([0-9a-f:]+)\]|([^:\s]+)):(\d{1,5})$/i;

function hostPorts(text: string): readonly HostPort[] {
  return text.split(",").map((entry) => {
    const [, v6, name, digits] = address.exec(entry.trim()) ?? [];
    const host = v6 ?? (name === "localhost" ? "127.0.0.1" : name);
    if (host === undefined || isIP(host) === 0 || digits === undefined) {
      throw new InvalidArgumentError(`"${entry}" is not ip:port (IPv6 in brackets).`);
    }
    return { address: host, port: port(digits) };
  });
}

function endpointsFrom({ endpoints, endpointsFile }: Flags): EndpointsFrom {
  if ((endpoints === undefined) === (endpointsFile === undefined)) {
    throw new UsageError("--endpoints", "give either --endpoints ip:port,ip:port or --endpoints-file");
  }
  if (endpointsFile !== undefined) return { kind: "file", path: endpointsFile, watch: true };
  const list = (endpoints ?? []).map((one, index) => ({
    namespace: "default",
    name: `endpoint-${index}`,
    ...one,
    labels: {},
  }));
  return { kind: "list", endpoints: list };
}

/** The picker listens on loopback only: nobody but the gateway beside it asks. */
const insidePickerOptions = (flags: Flags, log: Logger): PickerOptions => ({
  ...commonPickerOptions(flags, configurationFrom(flags), log),
  host: "127.0.0.1",
  grpcPort: 0,
  healthPort: 0,
  pool: "default",
  secureServing: false,
  certificatePath: undefined,
  reloadsCertificate: false,
  endpoints: endpointsFrom(flags),
});

async function run(flags: Flags): Promise<void> {
  const log = loggerFor("gateway", flags.logLevel);
  const options = insidePickerOptions(flags, log);
  let picker: RunningPicker | undefined;
  let gateway: Gateway | undefined;
  const group = new RunGroup({ log, graceMs: flags.drainTimeout + 5000 });
  group.add({
    name: "picker",
    start: async () => {
      picker = await startPicker(options);
    },
    stop: () => picker?.close(),
  });
  group.add({
    name: "gateway",
    start: async () => {
      const extproc = { host: "127.0.0.1", port: picker!.grpcPort };
      gateway = await startGateway({ host: flags.bindAddress, port: flags.port, extproc });
      log.info("gateway serves", {
        port: gateway.port,
        metricsPort: picker!.metricsPort,
        endpoints: picker!.snapshot().endpoints.map(({ hostPort }) => hostPort),
      });
    },
    stop: () => gateway?.close(flags.drainTimeout),
  });
  await group.run();
}

/** `attain gateway`. */
export function registerGateway(program: Command): void {
  addPickerFlags(program.command("gateway"))
    .description("an inference gateway in one process: reverse proxy and picker, no Envoy, no Kubernetes")
    .option("--port <port>", "where clients connect (HTTP/1.1 and HTTP/2)", port, 8080)
    .option("--endpoints <list>", "model servers as ip:port,ip:port", hostPorts)
    .option("--endpoints-file <path>", "model servers in a file (format of file-discovery), reloaded when it changes")
    .addOption(logLevelOption("info"))
    .addHelpText(
      "after",
      "\nExample: attain gateway --endpoints 127.0.0.1:8001,127.0.0.1:8002 --objectives-file objectives.yaml" +
        '\n  curl localhost:8080/v1/chat/completions -H "x-llm-d-inference-objective: chat" -H content-type:application/json \\' +
        '\n    -d \'{"model":"m","messages":[{"role":"user","content":"hello"}]}\'',
    )
    .action(run);
}
