import { z } from "zod";
import type { Milliseconds, Ratio, Tokens } from "#units";

/** What goes wrong on purpose at one replica. */
export type Faults = {
  /** Each step takes this many times as long. */
  readonly latencyFactor: number;
  /** How long the factor holds; undefined: until it is changed. */
  readonly latencyDurationMs: Milliseconds | undefined;
  /** Share of inference requests that are answered with `errorStatus`. */
  readonly errorRate: Ratio;
  readonly errorStatus: 429 | 500 | 502 | 503 | 504;
  /** Share of inference requests whose connection is reset after `resetAfterTokens` tokens. */
  readonly resetRate: Ratio;
  readonly resetAfterTokens: Tokens;
  /** `GET /metrics` repeats the last answer. */
  readonly freezeMetrics: boolean;
  /** The engine stands still: requests are accepted and nothing comes of them. Health and metrics still answer. */
  readonly hang: boolean;
};

export const noFaults: Faults = {
  latencyFactor: 1,
  latencyDurationMs: undefined,
  errorRate: 0,
  errorStatus: 503,
  resetRate: 0,
  resetAfterTokens: 1,
  freezeMetrics: false,
  hang: false,
};

const ratio = z.number().min(0).max(1);

/** A change of some faults, as `POST /admin/faults` takes it. Unknown fields are refused. */
export const faultsChangeSchema = z
  .strictObject({
    latencyFactor: z.number().positive().max(1e6),
    latencyDurationMs: z
      .number()
      .positive()
      .nullable()
      .transform((value) => value ?? undefined),
    errorRate: ratio,
    errorStatus: z.literal([429, 500, 502, 503, 504]),
    resetRate: ratio,
    resetAfterTokens: z.int().nonnegative(),
    freezeMetrics: z.boolean(),
    hang: z.boolean(),
  })
  .partial();

/** Some of the faults; those that are not named stay. */
export type FaultsChange = Partial<Faults>;

/** The faults in force and when they took effect. */
export class FaultState {
  #faults: Faults;
  #latencyEndsAtMs = Infinity;

  constructor(faults: Faults, nowMs: Milliseconds) {
    this.#faults = faults;
    this.change(faults, nowMs);
  }

  get current(): Faults {
    return this.#faults;
  }

  /** A change that names the latency starts its duration again. */
  change(change: FaultsChange, nowMs: Milliseconds): void {
    this.#faults = { ...this.#faults, ...change };
    if (change.latencyFactor === undefined && !("latencyDurationMs" in change)) return;
    const { latencyDurationMs } = this.#faults;
    this.#latencyEndsAtMs = latencyDurationMs === undefined ? Infinity : nowMs + latencyDurationMs;
  }

  latencyFactor(nowMs: Milliseconds): number {
    return nowMs < this.#latencyEndsAtMs ? this.#faults.latencyFactor : 1;
  }
}
