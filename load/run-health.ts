import type { Milliseconds, Ratio } from "#units";
import type { Quantiles } from "./quantiles.ts";

/** How well the generator itself kept up. */
export type RunHealth = {
  /** Actual minus intended send time. */
  readonly latenessMs: Quantiles<Milliseconds>;
  /** CPU time of this process over the run, as a share of one core. */
  readonly cpuShare: Ratio;
  /** Delay of the event loop beyond its sampling step. */
  readonly eventLoopDelayMs: { readonly p50: Milliseconds; readonly p99: Milliseconds; readonly max: Milliseconds };
};

/** Above this share of a core, times are as much the generator's as the server's. */
export const maxCpuShare: Ratio = 0.8;

/** Why the figures of a run cannot be trusted; empty for a valid one. */
export function voidReasons(health: RunHealth, skipped: number, maxLatenessMs: Milliseconds): readonly string[] {
  const reasons: string[] = [];
  const p99 = health.latenessMs.p99;
  if (health.cpuShare > maxCpuShare) {
    reasons.push(`the generator used ${health.cpuShare.toFixed(2)} of a core, more than ${maxCpuShare}`);
  }
  if (p99 !== undefined && p99 > maxLatenessMs) {
    reasons.push(`requests were sent up to ${p99.toFixed(1)} ms late (p99), more than ${maxLatenessMs} ms`);
  }
  if (skipped > 0) reasons.push(`${skipped} arrivals were skipped at the cap on requests in flight`);
  return reasons;
}
