/** What the page reads of one event of /live/events. Absent is unknown, never zero. */

export type Verdict = "met" | "missed" | "excluded" | "untargeted";
/** A latency; `queue` has no threshold. */
export type Latency = "ttft" | "tpot" | "e2e" | "queue";

export type Quantiles = { readonly p50?: number | undefined; readonly p99?: number | undefined };

/** Values in each bucket alone; one more than there are edges. */
export type Distribution = {
  readonly sinceStart: readonly number[];
  readonly recent: readonly number[];
  readonly recentQuantiles: Quantiles;
};

export type BurnWindow = {
  readonly windowSeconds: number;
  readonly coveredSeconds: number;
  readonly met: number;
  readonly missed: number;
  readonly burn?: number | undefined;
};

export type Thresholds = {
  readonly ttftMs?: number | undefined;
  readonly tpotMs?: number | undefined;
  readonly e2eMs?: number | undefined;
};

export type Objective = {
  readonly name: string;
  readonly priority: number;
  readonly target?: number | undefined;
  readonly thresholds: Thresholds;
  readonly met: number;
  readonly missed: number;
  readonly excluded: number;
  readonly untargeted: number;
  readonly attainment?: number | undefined;
  readonly budgetRemaining?: number | undefined;
  readonly inFlight: number;
  readonly missedBy: Readonly<Partial<Record<string, number>>>;
  readonly windows: readonly BurnWindow[];
  readonly steps: { readonly met: readonly number[]; readonly missed: readonly number[] };
  readonly distributions: Readonly<Partial<Record<Latency, Distribution>>>;
};

export type Endpoint = {
  readonly id: string;
  readonly hostPort: string;
  readonly state: "fresh" | "stale" | "unknown";
  readonly waitingRequests?: number | undefined;
  readonly runningRequests?: number | undefined;
  readonly kvCacheUsageRatio?: number | undefined;
  readonly inFlight: { readonly requests: number };
  readonly recentPicks: number;
  readonly recentPicksShare?: number | undefined;
  readonly saturation?: number | undefined;
  readonly capacity?: number | undefined;
};

/** Requests of one priority that wait. */
export type Band = {
  readonly priority: number;
  readonly requests: number;
  readonly tokens: number;
  readonly oldestAgeSeconds?: number | undefined;
  readonly ceiling?: number | undefined;
};

/** Requests that left flow control in one way, within the recent window. */
export type Outcome = {
  readonly outcome: string;
  readonly count: number;
  readonly perSecond?: number | undefined;
};

/** What enforcing would have done with one objective within the recent window. */
export type Would = {
  readonly objective: string;
  readonly refusedShare: number;
  readonly ttftMetShare?: number | undefined;
};

export type Flow = {
  readonly admission: "queue" | "legacy";
  readonly enforcement: "enforce" | "observe";
  readonly mode: "normal" | "concurrency-only" | "no-endpoints";
  readonly bands: readonly Band[];
  readonly omittedBands: number;
  readonly held: {
    readonly requests: number;
    readonly tokens: number;
    readonly oldestAgeSeconds?: number | undefined;
  };
  readonly expectedColdStartSeconds: number;
  readonly outcomes: readonly Outcome[];
  readonly would: readonly Would[];
};

export type Decision = {
  readonly sequence: number;
  readonly id: string;
  readonly endedAtWallMs: number;
  readonly objective: string;
  readonly verdict: Verdict;
  readonly reason?: string | undefined;
  readonly longestWait?: string | undefined;
  readonly overSeconds?: number | undefined;
  readonly refusal?: string | undefined;
  readonly responseStatus?: number | undefined;
  readonly endpoint?: string | undefined;
  readonly queueSeconds?: number | undefined;
  readonly ttftSeconds?: number | undefined;
  readonly tpotSeconds?: number | undefined;
  readonly elapsedSeconds: number;
  readonly outputTokens: number;
};

export type Snapshot = {
  readonly version: string;
  readonly pool: string;
  readonly takenAtWallMs: number;
  readonly recentSeconds: number;
  readonly stepSeconds: number;
  readonly inFlight: number;
  readonly saturation: number;
  readonly flow: Flow;
  readonly refusals: readonly { readonly code: string; readonly count: number }[];
  readonly edges: Readonly<Partial<Record<Latency, readonly number[]>>>;
  readonly objectives: readonly Objective[];
  readonly endpointCount: number;
  readonly endpointStates: Readonly<Record<Endpoint["state"], number>>;
  readonly endpoints: readonly Endpoint[];
  readonly decisions: readonly Decision[];
};
