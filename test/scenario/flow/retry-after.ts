/** Whether refusals say the truth about when to come back. */
import { toSeconds, type Milliseconds, type Ratio, type Seconds } from "#units";
import type { Exchange } from "./exchange.ts";

/** The header is in whole seconds and at least 1: no time to room below that can be told. */
const least: Seconds = 1;

/** One request, refused or served in the end. */
export type Probe = {
  readonly source: string;
  readonly arrivedAtMs: Milliseconds;
  readonly refused: { readonly decidedAtMs: Milliseconds; readonly advisedSeconds: Seconds } | undefined;
};

/** Those that were decided, and of the refused ones those that were told when to come back. */
export function probesOf(exchanges: readonly Exchange[]): readonly Probe[] {
  return exchanges.flatMap(({ sent, arrival: { arrivedAtMs }, refusal, decidedAtMs }): readonly Probe[] => {
    const source = sent.source.name;
    if (decidedAtMs === undefined) return [];
    if (refusal === undefined) return [{ source, arrivedAtMs, refused: undefined }];
    const { retryAfterSeconds: advisedSeconds } = refusal;
    return advisedSeconds === undefined ? [] : [{ source, arrivedAtMs, refused: { decidedAtMs, advisedSeconds } }];
  });
}

/**
 * Share of refusals whose advised time is at least half and at most twice the time that it really took until there was room,
 * both in whole seconds. There is room at the first later arrival of the same source that is served: requests of the
 * source are the probe, and each of them is refused or served by the same rules as the one that was refused.
 * Left out: what was refused so late that nothing of its source was served after it.
 * @param probes of the whole run, in the order of arrival
 * @returns undefined where nothing is left
 */
export function retryAfterWithin2x(probes: readonly Probe[]): Ratio | undefined {
  let within = 0;
  let judged = 0;
  for (const { advised, actual } of timesToRoom(probes)) {
    judged++;
    const whole = Math.max(least, Math.ceil(actual));
    if (advised <= 2 * whole && advised >= whole / 2) within++;
  }
  return judged === 0 ? undefined : within / judged;
}

type TimeToRoom = { readonly advised: Seconds; readonly actual: Seconds };

function timesToRoom(probes: readonly Probe[]): readonly TimeToRoom[] {
  const servedAtMs = Map.groupBy(
    probes.filter(({ refused }) => refused === undefined),
    ({ source }) => source,
  );
  return probes.flatMap(({ source, refused }) => {
    if (refused === undefined) return [];
    const roomAtMs = firstArrival(servedAtMs.get(source) ?? [], refused.decidedAtMs);
    if (roomAtMs === undefined) return [];
    return [{ advised: refused.advisedSeconds, actual: toSeconds(roomAtMs - refused.decidedAtMs) }];
  });
}

/** The first of these arrivals, which are in order, at or after `fromMs`. */
function firstArrival(probes: readonly Probe[], fromMs: Milliseconds): Milliseconds | undefined {
  let low = 0;
  let high = probes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (probes[middle]!.arrivedAtMs < fromMs) low = middle + 1;
    else high = middle;
  }
  return probes[low]?.arrivedAtMs;
}
