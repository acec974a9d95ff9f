import type { Command } from "commander";
import { renderEnvoy } from "../../deploy/envoy/envoy.ts";
import { logLevelOption, port, toggle } from "../options.ts";
import { registerRenderAlerts } from "./render-alerts.ts";
import { registerRenderDashboards } from "./render-dashboards.ts";
import { registerRenderMetrics } from "./render-metrics.ts";
import { registerRenderOpenSlo } from "./render-openslo.ts";

type EnvoyFlags = {
  readonly listenAddress: string;
  readonly port: number;
  readonly adminPort?: number;
  readonly pickerHost: string;
  readonly pickerPort: number;
  readonly pickerTls: boolean;
  readonly caFile?: string;
};

/** `attain render …`: files that other tools consume, byte-stable, on stdout. */
export function registerRender(program: Command): void {
  const render = program.command("render").description("print a file that other tools consume");
  registerRenderAlerts(render);
  registerRenderDashboards(render);
  registerRenderMetrics(render);
  registerRenderOpenSlo(render);
  render
    .command("envoy")
    .description("an Envoy bootstrap that asks the picker about every request")
    .option("--listen-address <ip>", "where clients connect", "127.0.0.1")
    .option("--port <port>", "port for clients", port, 8081)
    .option("--admin-port <port>", "Envoy's admin port on loopback (off without it)", port)
    .option("--picker-host <host>", "host of the picker", "127.0.0.1")
    .option("--picker-port <port>", "ext-proc port of the picker", port, 9002)
    .addOption(toggle("--picker-tls", "whether the picker serves TLS", true))
    .option("--ca-file <path>", "CA to verify the picker with (not verified without it)")
    .addOption(logLevelOption("warn"))
    .addHelpText("after", "\nExample: attain render envoy --port 8080 > envoy.yaml && envoy -c envoy.yaml")
    .action((flags: EnvoyFlags) => {
      process.stdout.write(
        renderEnvoy({
          listenAddress: flags.listenAddress,
          listenPort: flags.port,
          adminPort: flags.adminPort,
          pickerHost: flags.pickerHost,
          pickerPort: flags.pickerPort,
          pickerTls: flags.pickerTls,
          caFile: flags.caFile,
        }),
      );
    });
}
