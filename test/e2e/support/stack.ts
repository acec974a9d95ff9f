/** A picker in this process and a gateway in front of it: the embedded one here, or a real Envoy. */
import { hostPortOf } from "#pool";
import { ObjectiveTable, type InferenceObjective, type LatencyThresholds } from "#objective";
import { seededRandom } from "#random";
import { createLogger, systemClock } from "#shell";
import { startGateway } from "../../../gateway/shell/server.ts";
import { defaultConfiguration } from "../../../picker/configuration/load.ts";
import type { DecisionRecord } from "../../../picker/decision/decision-log.ts";
import type { EndpointsFrom } from "../../../picker/shell/configuration-files.ts";
import { startPicker, type PickerOptions, type RunningPicker } from "../../../picker/shell/picker.ts";
import type { DiscoveredEndpoint } from "../../../picker/state/snapshot-publisher.ts";
import { startEnvoy } from "./envoy.ts";
import { becomes, eventually } from "./poll.ts";

export type GatewayKind = "embedded" | "envoy";
/** Every kind of gateway, as the tests are run for each. */
export const gatewayKinds = ["embedded", "envoy"] as const satisfies readonly GatewayKind[];

export const host = "127.0.0.1";
export const poolName = "e2e";

/** An objective of the pool with these thresholds; a target is there, and nobody looks at it. */
export const objective = (name: string, thresholds: LatencyThresholds, priority = 0) => ({
  objective: { namespace: "default", name, poolName, priority } satisfies InferenceObjective,
  level: { thresholds, target: 0.99, periodMs: 86_400_000, sheddedAs: "missed" } as const,
});

/** Thresholds that no request of a test comes near. */
export const generous: LatencyThresholds = { ttftMs: 60_000, tpotMs: 60_000, e2eMs: 120_000 };

/** Endpoints under names in the order given: `default/m0`, `default/m1` … */
export const listed = (ports: readonly number[]): EndpointsFrom => ({
  kind: "list",
  endpoints: ports.map((port, index): DiscoveredEndpoint => ({
    namespace: "default",
    name: `m${index}`,
    address: host,
    port,
    labels: {},
  })),
});

/** Picker options that a test says nothing about. */
export const pickerDefaults = (): Omit<PickerOptions, "endpoints"> => ({
  host,
  grpcPort: 0,
  healthPort: 0,
  metricsPort: 0,
  pool: poolName,
  secureServing: true,
  certificatePath: undefined,
  reloadsCertificate: false,
  configuration: defaultConfiguration(),
  objectives: { kind: "table", table: new ObjectiveTable([objective("chat", generous)]) },
  scrapeIntervalMs: 100,
  staleAfterMs: 2000,
  maxBodyBytes: 64 * 2 ** 20,
  maxMessageBytes: 4 * 2 ** 20,
  drainTimeoutMs: 2000,
  emitsEndpointScores: false,
  usesSubsetHint: true,
  stripsControlHeaders: true,
  keptDecisions: 5000,
  version: "0.0.0-e2e",
  log: createLogger({ level: "silent", base: {}, format: "json" }),
  clock: systemClock,
  random: seededRandom(1),
});

export type StackOptions = Partial<PickerOptions> & Pick<PickerOptions, "endpoints">;

/** What clients talk to, and the picker behind it. */
export interface Stack {
  readonly kind: GatewayKind;
  readonly baseUrl: string;
  readonly picker: RunningPicker;
  readonly metricsUrl: string;
  /** The only verdict of a request. Waits for it; throws when there are two. */
  verdictOf(requestId: string): Promise<DecisionRecord>;
  /** Resolves once nothing is in flight. */
  idle(): Promise<true>;
  stop(): Promise<void>;
}

type Peer = { readonly port: number; readonly tls: boolean };
type Front = { readonly port: number; stop(): Promise<void> };

/** The embedded gateway on a free port. */
export async function startEmbedded(picker: Peer): Promise<Front> {
  const extproc = { host, port: picker.port, tls: picker.tls ? { rejectUnauthorized: false } : undefined };
  const gateway = await startGateway({ host, port: 0, extproc });
  return { port: gateway.port, stop: () => gateway.close() };
}

async function onlyDecision(picker: RunningPicker, requestId: string): Promise<DecisionRecord> {
  const records = await eventually(`a verdict of request ${requestId}`, () => {
    const found = picker.decisions.list(({ id }) => id === requestId, 2);
    return found.length > 0 ? found : undefined;
  });
  if (records.length > 1) throw new Error(`request ${requestId} has ${records.length} verdicts`);
  return records[0]!;
}

const frontOf: Readonly<Record<GatewayKind, (picker: Peer) => Promise<Front>>> = {
  embedded: startEmbedded,
  envoy: (picker) => startEnvoy(picker),
};

/** Starts picker and gateway; resolves once the gateway serves. */
export async function startStack(
  kind: GatewayKind,
  options: StackOptions,
  startFront: (picker: Peer) => Promise<Front> = frontOf[kind],
): Promise<Stack> {
  const picker = await startPicker({ ...pickerDefaults(), ...options });
  const peer = { port: picker.grpcPort, tls: true };
  let front: Front;
  try {
    front = await startFront(peer);
  } catch (error) {
    await picker.close();
    throw error;
  }
  return {
    kind,
    baseUrl: `http://${hostPortOf(host, front.port)}`,
    picker,
    metricsUrl: `http://${hostPortOf(host, picker.metricsPort)}/metrics`,
    verdictOf: (requestId) => onlyDecision(picker, requestId),
    idle: () => becomes("nothing in flight", () => picker.ledger.total === 0 && picker.openStreams === 0),
    stop: async () => {
      await front.stop();
      await picker.close();
    },
  };
}
