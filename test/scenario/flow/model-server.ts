/** A simulated model server on the virtual clock: the simulator's engine, without its HTTP. */
import type { EndpointMetrics } from "#pool";
import { seededRandom } from "#random";
import type { Milliseconds, Tokens } from "#units";
import type { EngineConfig, EngineEvent } from "../../../simulator/engine/engine-request.ts";
import { Engine } from "../../../simulator/engine/engine.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** One request at a server, and who hears of it. */
export type Generation = {
  readonly id: string;
  readonly promptTokens: Tokens;
  readonly outputTokens: Tokens;
  readonly onFirstToken: () => void;
  readonly onFinished: () => void;
};

export class ModelServer {
  readonly config: EngineConfig;
  readonly #clock: VirtualClock;
  readonly #engine: Engine;
  readonly #generations = new Map<string, Generation>();
  #wakeAtMs: Milliseconds | undefined;
  #cancelWake: () => void = () => {};

  constructor(clock: VirtualClock, config: EngineConfig, seed: number) {
    this.#clock = clock;
    this.config = config;
    this.#engine = new Engine({ config, random: seededRandom(seed) });
  }

  /** Requests that have not finished, running or waiting. */
  get unfinished(): number {
    return this.#engine.unfinished;
  }

  submit(generation: Generation): void {
    const { id, promptTokens, outputTokens } = generation;
    const request = {
      id,
      promptTokens,
      outputTokens,
      finishReason: "stop",
      blockHashes: [],
      adapter: undefined,
    } as const;
    this.#advance();
    const result = this.#engine.submit(request, this.#clock.now());
    if (result.kind === "rejected") throw new Error(`the simulated server has no place for ${id}: ${result.reason}`);
    this.#generations.set(id, generation);
    this.#schedule();
  }

  /** What a scrape that is answered at `observedAtMs` says of this instant. */
  metrics(observedAtMs: Milliseconds): EndpointMetrics {
    const { waitingRequests, runningRequests, kvCacheUsageRatio } = this.#engine.state();
    return {
      waitingRequests,
      runningRequests,
      kvCacheUsageRatio,
      cacheBlockSizeTokens: this.config.blockSize,
      cacheBlockCount: this.config.numGpuBlocks,
      lora: undefined,
      observedAtMs,
    };
  }

  /** Output tokens since it began. */
  get generatedTokens(): Tokens {
    return this.#engine.state().totals.generatedTokens;
  }

  #advance(): void {
    for (const event of this.#engine.advance(this.#clock.now())) this.#tell(event);
  }

  #tell(event: EngineEvent): void {
    const generation = this.#generations.get(event.id);
    if (generation === undefined) return;
    if (event.kind === "token" && event.index === 1) generation.onFirstToken();
    if (event.kind !== "finished") return;
    this.#generations.delete(event.id);
    generation.onFinished();
  }

  #schedule(): void {
    const atMs = this.#engine.nextEventAtMs();
    if (atMs === this.#wakeAtMs) return;
    this.#cancelWake();
    this.#wakeAtMs = atMs;
    if (atMs === undefined) return;
    this.#cancelWake = this.#clock.after(atMs - this.#clock.now(), () => {
      this.#wakeAtMs = undefined;
      this.#advance();
      this.#schedule();
    });
  }
}
