/** Flow control as the live page is told of it: state, bands, what left unserved, and what enforcing would do. */
import type { MetricRegistry } from "#metrics";
import { toSeconds, type Milliseconds, type Ratio, type Seconds, type Tokens } from "#units";
import type { SaturationMode } from "../flow/capacity/saturation-detector.ts";
import { flowOutcomes, type FlowOutcome } from "../flow/flow-events.ts";
import type { FlowStatus } from "../flow/flow-status.ts";
import { ceilingOf } from "../flow/report/ceiling-of.ts";
import type { Admission, Enforcement } from "../flow/settings.ts";
import type { Increase } from "./count-ring.ts";
import { readWould } from "./flow-counts.ts";
import type { LiveWindows } from "./windows.ts";

/** Requests of one priority that wait. */
export type LiveBand = {
  readonly priority: number;
  readonly requests: number;
  readonly tokens: Tokens;
  /** Undefined: nothing waits. */
  readonly oldestAgeSeconds: Seconds | undefined;
  /** Share of each endpoint's capacity that the band may use now. */
  readonly ceiling: Ratio | undefined;
};

/** Requests that left flow control in one way, within the recent window. */
export type LiveOutcome = {
  readonly outcome: FlowOutcome;
  readonly count: number;
  readonly perSecond: number | undefined;
};

/** What enforcing would have done with one objective within the recent window. */
export type LiveWould = {
  readonly objective: string;
  readonly refused: number;
  readonly refusedShare: Ratio;
  /** Share of those served whose first token would have been in time; undefined: none had a target. */
  readonly ttftMetShare: Ratio | undefined;
};

export type LiveFlow = {
  readonly admission: Admission;
  readonly enforcement: Enforcement;
  readonly mode: SaturationMode;
  /** Highest priority first. */
  readonly bands: readonly LiveBand[];
  /** Bands, of the lowest priorities, that are left out. */
  readonly omittedBands: number;
  /** Waiting because the pool has no endpoints. */
  readonly held: { readonly requests: number; readonly tokens: Tokens; readonly oldestAgeSeconds: Seconds | undefined };
  readonly expectedColdStartSeconds: Seconds;
  /** Those that there were, in the order of `flowOutcomes`. */
  readonly outcomes: readonly LiveOutcome[];
  /** Objectives with requests; empty where decisions are enforced. */
  readonly would: readonly LiveWould[];
};

/** Everything that is read for it. */
export type FlowSources = {
  readonly registry: MetricRegistry;
  readonly pool: string;
  readonly status: FlowStatus;
  readonly windows: LiveWindows;
  /** Objectives that are shown. */
  readonly objectives: readonly string[];
  readonly nowMs: Milliseconds;
};

function recentOutcomes({ by, coveredMs }: Increase): readonly LiveOutcome[] {
  const seconds = toSeconds(coveredMs);
  return flowOutcomes.flatMap((outcome, index) => {
    const count = by[index] ?? 0;
    return count === 0 ? [] : [{ outcome, count, perSecond: seconds > 0 ? count / seconds : undefined }];
  });
}

const shareOf = (part: number, other: number): Ratio | undefined =>
  part + other === 0 ? undefined : part / (part + other);

function liveWould({ registry, pool, windows, objectives, nowMs }: FlowSources): readonly LiveWould[] {
  const counts = readWould(registry, pool);
  return objectives.flatMap((objective) => {
    const known = counts.get(objective);
    if (known === undefined) return [];
    const [dispatched = 0, refused = 0, evicted = 0, met = 0, missed = 0] = windows.would(objective, nowMs, known).by;
    const refusedShare = shareOf(refused, dispatched - evicted);
    return refusedShare === undefined ? [] : [{ objective, refused, refusedShare, ttftMetShare: shareOf(met, missed) }];
  });
}

const ageSeconds = (ms: Milliseconds | undefined): Seconds | undefined =>
  ms === undefined ? undefined : toSeconds(ms);

/** Plain data, bounded whatever is configured. */
export function liveFlow(sources: FlowSources): LiveFlow {
  const { status, windows, nowMs } = sources;
  const { admission, enforcement, saturation, queue, ceilings, held, expectedColdStartMs } = status;
  return {
    admission,
    enforcement,
    mode: saturation.mode,
    bands: queue.bands.map(({ priority, requests, tokens, oldestAgeMs }) => ({
      priority,
      requests,
      tokens,
      oldestAgeSeconds: ageSeconds(oldestAgeMs),
      ceiling: ceilingOf(ceilings, priority),
    })),
    omittedBands: queue.omittedBands,
    held: { requests: held.requests, tokens: held.tokens, oldestAgeSeconds: ageSeconds(held.oldestAgeMs) },
    expectedColdStartSeconds: toSeconds(expectedColdStartMs),
    outcomes: recentOutcomes(windows.outcomes(nowMs)),
    would: enforcement === "observe" ? liveWould(sources) : [],
  };
}
