/** Entry of one of the demo's processes: starts what it is told, says where it serves, ends with its parent. */
import { ObjectiveTable } from "#objective";
import { messageOf } from "#errors";
import { seededRandom } from "#random";
import { createLogger, systemClock } from "#shell";
import { startGateway } from "../../gateway/shell/server.ts";
import { defaultConfiguration } from "../../picker/configuration/load.ts";
import { startPicker } from "../../picker/shell/picker.ts";
import { startSimulator, type SimulatorEndpoint } from "../../simulator/shell/server.ts";
import { livePage } from "../../web/shell/page-files.ts";
import { version } from "../version.ts";
import { demoModel, demoObjectives, demoPool } from "./scene.ts";

/** What a part is asked to be. */
export type PartRequest =
  | { readonly kind: "simulator"; readonly replicas: number; readonly seed: number }
  | {
      readonly kind: "picker";
      readonly endpoints: readonly SimulatorEndpoint[];
      readonly metricsPort: number;
      readonly seed: number;
    }
  | { readonly kind: "gateway"; readonly port: number; readonly pickerPort: number };

/** What it answers, once. */
export type PartReady =
  | { readonly kind: "simulator"; readonly endpoints: readonly SimulatorEndpoint[] }
  | { readonly kind: "picker"; readonly grpcPort: number; readonly metricsPort: number }
  | { readonly kind: "gateway"; readonly port: number }
  | { readonly kind: "failed"; readonly message: string };

type Started = { readonly ready: PartReady; readonly close: () => Promise<void> };

const log = createLogger({ level: "error", base: {}, format: process.stderr.isTTY ? "text" : "json" });

type PickerRequest = Extract<PartRequest, { kind: "picker" }>;

async function pickerPart({ endpoints, metricsPort: port, seed }: PickerRequest): Promise<Started> {
  const picker = await startPicker({
    host: "127.0.0.1",
    grpcPort: 0,
    healthPort: 0,
    metricsPort: port,
    pool: demoPool,
    secureServing: true,
    certificatePath: undefined,
    reloadsCertificate: false,
    configuration: defaultConfiguration(),
    endpoints: { kind: "list", endpoints: endpoints.map((one) => ({ namespace: "default", labels: {}, ...one })) },
    objectives: { kind: "table", table: new ObjectiveTable(demoObjectives) },
    scrapeIntervalMs: 200,
    staleAfterMs: 2000,
    maxBodyBytes: 64 * 2 ** 20,
    maxMessageBytes: 4 * 2 ** 20,
    drainTimeoutMs: 2000,
    emitsEndpointScores: false,
    usesSubsetHint: true,
    stripsControlHeaders: true,
    keptDecisions: 5000,
    page: livePage(),
    version,
    log,
    clock: systemClock,
    random: seededRandom(seed),
  });
  const { grpcPort, metricsPort } = picker;
  return { ready: { kind: "picker", grpcPort, metricsPort }, close: () => picker.close() };
}

async function start(request: PartRequest): Promise<Started> {
  switch (request.kind) {
    case "simulator": {
      const simulator = await startSimulator({
        replicas: request.replicas,
        basePort: 0,
        model: demoModel,
        seed: request.seed,
      });
      return { ready: { kind: "simulator", endpoints: simulator.endpoints }, close: () => simulator.close() };
    }
    case "picker":
      return pickerPart(request);
    case "gateway": {
      const extproc = { host: "127.0.0.1", port: request.pickerPort, tls: { rejectUnauthorized: false } };
      const gateway = await startGateway({ host: "127.0.0.1", port: request.port, extproc });
      return { ready: { kind: "gateway", port: gateway.port }, close: () => gateway.close() };
    }
    default:
      return request satisfies never;
  }
}

process.once("message", (request) => {
  void start(request as PartRequest).then(
    ({ ready, close }) => {
      process.send?.(ready);
      process.once("disconnect", () => void close().finally(() => process.exit(0)));
    },
    (error: unknown) => {
      process.send?.({ kind: "failed", message: messageOf(error) } satisfies PartReady, () => process.exit(1));
    },
  );
});
// A terminal's Ctrl-C reaches every process of the group; the parent ends this one in its turn.
process.on("SIGINT", () => {});
