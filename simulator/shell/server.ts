import type { Clock } from "#shell";
import { systemClock } from "#shell";
import { CodedError, toError } from "#errors";
import { toSeconds } from "#units";
import type { FaultsChange } from "../faults.ts";
import type { EngineState } from "../engine/engine-request.ts";
import { resolveSettings } from "../options.ts";
import type { SimulatorOptions, SimulatorSettings } from "../options.ts";
import { Replica } from "../replica.ts";
import { ReplicaServer } from "./replica-server.ts";

/** Where one replica listens. */
export type SimulatorEndpoint = { readonly name: string; readonly address: string; readonly port: number };

/** Model servers that are running. Replicas are numbered from 0 in the order of their start, and keep their number. */
export interface RunningSimulator {
  readonly endpoints: readonly SimulatorEndpoint[];
  /** Changes some faults of a replica and keeps the others. Throws where there is no such replica. */
  setFaults(replicaIndex: number, change: FaultsChange): void;
  /** Throws where there is no such replica. */
  state(replicaIndex: number): EngineState;
  addReplica(): Promise<SimulatorEndpoint>;
  /** Resolves when what it was doing is done. Throws where there is no such replica. */
  removeReplica(replicaIndex: number): Promise<void>;
  /** Cuts every connection and ends. */
  close(): Promise<void>;
}

/** A replica was named that is not running. */
export class NoReplicaError extends CodedError<{ readonly code: "NO_REPLICA"; readonly index: number }> {}

class Simulator implements RunningSimulator {
  readonly #options: SimulatorOptions;
  readonly #clock: Clock;
  readonly #servers = new Map<number, ReplicaServer>();
  #started = 0;

  constructor(options: SimulatorOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  get endpoints(): readonly SimulatorEndpoint[] {
    return [...this.#servers.values()].map((server) => this.#endpoint(server));
  }

  setFaults(replicaIndex: number, change: FaultsChange): void {
    const server = this.#server(replicaIndex);
    server.replica.changeFaults(change);
    server.advance();
  }

  state(replicaIndex: number): EngineState {
    return this.#server(replicaIndex).replica.state;
  }

  async addReplica(): Promise<SimulatorEndpoint> {
    const { basePort, engine, faults, host, lengths, loras, namePrefix, seed, servedNames, speed } = this.#options;
    const index = this.#started++;
    const nowMs = () => this.#clock.nowMs();
    const unixSeconds = () => toSeconds(this.#clock.wallMs());
    const served = { names: servedNames, loras, maxModelLen: engine.maxModelLen, startedAtSeconds: unixSeconds() };
    // Each replica draws from three generators with neighbouring seeds.
    const replica = new Replica({
      engine,
      served,
      lengths,
      faults,
      seed: seed * 1009 + index * 3,
      speed,
      nowMs,
      unixSeconds,
    });
    const server = new ReplicaServer(replica, {
      name: `${namePrefix}-${index}`,
      host,
      port: basePort === 0 ? 0 : basePort + index,
      maxBodyBytes: this.#options.maxBodyBytes,
      maxUnreadBytes: this.#options.maxUnreadBytes,
      nowMs,
    });
    await server.listen();
    this.#servers.set(index, server);
    return this.#endpoint(server);
  }

  async removeReplica(replicaIndex: number): Promise<void> {
    const server = this.#server(replicaIndex);
    this.#servers.delete(replicaIndex);
    await server.drain();
  }

  async close(): Promise<void> {
    const servers = [...this.#servers.values()];
    this.#servers.clear();
    await Promise.all(servers.map((server) => server.close()));
  }

  #endpoint(server: ReplicaServer): SimulatorEndpoint {
    return { name: server.name, address: this.#options.host, port: server.port };
  }

  #server(index: number): ReplicaServer {
    const server = this.#servers.get(index);
    if (server !== undefined) return server;
    const running = [...this.#servers.keys()].join(", ");
    throw new NoReplicaError({ code: "NO_REPLICA", index }, `no replica ${index}; running: ${running || "none"}`);
  }
}

/**
 * Starts the model servers. Resolves when all of them listen.
 * Errors: ConfigError for settings that cannot be used, SIMULATOR_LISTEN for a port that cannot be had.
 */
export async function startSimulator(
  settings: SimulatorSettings & { readonly clock?: Clock },
): Promise<RunningSimulator> {
  const options = resolveSettings(settings);
  const simulator = new Simulator(options, settings.clock ?? systemClock);
  try {
    for (let i = 0; i < options.replicas; i++) await simulator.addReplica();
  } catch (caught) {
    await simulator.close();
    throw toError(caught);
  }
  return simulator;
}
