import type { Milliseconds, NonEmpty } from "#units";
import type { LoadObjective } from "./objective.ts";

/** One run. */
export type LoadOptions = {
  /** Where the gateway is, such as `http://127.0.0.1:8080`; a path in it is put before the API's own. */
  readonly url: string;
  readonly model: string;
  readonly objectives: NonEmpty<LoadObjective>;
  readonly durationMs: Milliseconds;
  readonly seed: number;
  /** An arrival that would exceed this is skipped and counted: the run is then void. */
  readonly maxInFlight: number;
  /** The run stops sending after this many, whatever its duration. */
  readonly maxRequests: number;
  /** A request that takes longer is given up. */
  readonly requestTimeoutMs: Milliseconds;
  /** How long to wait, after the last send, for what is in flight; the rest is cut off and counted as unfinished. */
  readonly drainMs: Milliseconds;
  /** The p99 of lateness above which the run is void. */
  readonly maxLatenessMs: Milliseconds;
  /** Sent with every request; lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Takes any certificate of an https URL. */
  readonly insecure: boolean;
  /** Keeps one record a request in the report. */
  readonly records: boolean;
};

/** What an option is when nothing is said about it. */
export const loadDefaults = {
  durationMs: 30_000,
  seed: 1,
  model: "attain-demo",
  maxInFlight: 2000,
  maxRequests: 1_000_000,
  requestTimeoutMs: 300_000,
  drainMs: 30_000,
  maxLatenessMs: 50,
  headers: {},
  insecure: false,
  records: false,
} as const satisfies Omit<LoadOptions, "url" | "objectives">;
