import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { renderEnvoy, type EnvoyOptions } from "../../../deploy/envoy/envoy.ts";
import { eventually } from "./poll.ts";
import { startProgram, type Program } from "./program.ts";

/** A real Envoy that serves. */
export type RunningEnvoy = { readonly port: number; stop(): Promise<void> };

const host = "127.0.0.1";
const listenersPage = z.object({
  listener_statuses: z.array(
    z.object({ local_address: z.object({ socket_address: z.object({ port_value: z.number() }) }) }),
  ),
});

/** Ready once its clusters are, the picker's first health check included. */
async function servingPort(envoy: Program, adminFile: string): Promise<number> {
  const admin = await eventually("Envoy's admin address", async () => {
    if (!envoy.isRunning) throw new Error(`Envoy ended before it served:\n${envoy.stderr}`);
    return existsSync(adminFile) ? (await readFile(adminFile, "utf8")) || undefined : undefined;
  });
  await eventually("Envoy's readiness", async () => {
    const response = await fetch(`http://${admin}/ready`);
    await response.text();
    return response.ok ? true : undefined;
  });
  const page: unknown = await (await fetch(`http://${admin}/listeners?format=json`)).json();
  return listenersPage.parse(page).listener_statuses[0]!.local_address.socket_address.port_value;
}

/**
 * Starts Envoy with the rendered bootstrap on free ports, in front of a picker.
 * @param rendered makes the bootstrap
 */
export async function startEnvoy(
  picker: { readonly port: number; readonly tls: boolean },
  rendered: (options: EnvoyOptions) => string = renderEnvoy,
): Promise<RunningEnvoy> {
  const binary = process.env["ATTAIN_ENVOY"];
  if (binary === undefined) throw new Error("ATTAIN_ENVOY is not set: run the tests with npm run test:e2e");
  const folder = await mkdtemp(join(tmpdir(), "attain-envoy-"));
  const [bootstrap, adminFile] = [join(folder, "envoy.yaml"), join(folder, "admin")];
  await writeFile(
    bootstrap,
    rendered({
      listenAddress: host,
      listenPort: 0,
      adminPort: 0,
      pickerHost: host,
      pickerPort: picker.port,
      pickerTls: picker.tls,
      caFile: undefined,
    }),
  );
  const flags = ["--concurrency", "1", "--use-dynamic-base-id", "--log-level", "error"];
  const envoy = startProgram(binary, ["-c", bootstrap, "--admin-address-path", adminFile, ...flags]);
  const stop = async (): Promise<void> => {
    await envoy.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return { port: await servingPort(envoy, adminFile), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
