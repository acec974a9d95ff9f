import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { cpuUsage } from "node:process";
import type { Milliseconds } from "#units";
import type { Quantiles } from "../quantiles.ts";
import type { RunHealth } from "../run-health.ts";

const samplingStepMs: Milliseconds = 10;

/** Watches this process from its making on. */
export class SelfWatch {
  readonly #cpuAtStart = cpuUsage();
  readonly #startedAtMs = performance.now();
  readonly #delay: ReturnType<typeof monitorEventLoopDelay>;

  constructor() {
    this.#delay = monitorEventLoopDelay({ resolution: samplingStepMs });
    this.#delay.enable();
  }

  /** Ends the watch. */
  stop(latenessMs: Quantiles<Milliseconds>): RunHealth {
    this.#delay.disable();
    const { user, system } = cpuUsage(this.#cpuAtStart);
    const elapsedMs = performance.now() - this.#startedAtMs;
    /** The histogram holds whole intervals in nanoseconds, the sampling step included. */
    const beyondStep = (ns: number): Milliseconds => Math.max(0, ns / 1e6 - samplingStepMs);
    const sampled = this.#delay.count > 0;
    return {
      latenessMs,
      cpuShare: (user + system) / 1000 / elapsedMs,
      eventLoopDelayMs: {
        p50: sampled ? beyondStep(this.#delay.percentile(50)) : 0,
        p99: sampled ? beyondStep(this.#delay.percentile(99)) : 0,
        max: sampled ? beyondStep(this.#delay.max) : 0,
      },
    };
  }
}
