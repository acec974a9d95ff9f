/** Where the time of one request went, as the picker saw it. */
import { toSeconds, type Milliseconds, type Seconds } from "#units";
import type { KeptDecision } from "./kept-decision.ts";

/**
 * Spans that follow each other and add up to the request's elapsed time, as far as it came. Undefined: it never got
 * there, or the part could not be told from its neighbour, which then holds it.
 */
export type Waits = {
  /** Arrival to the whole request body. */
  readonly receiveSeconds: Seconds | undefined;
  readonly parseSeconds: Seconds | undefined;
  /** In flow control. */
  readonly queueSeconds: Seconds | undefined;
  readonly scheduleSeconds: Seconds | undefined;
  /** Destination to first response byte: the model server's queue and prefill, and the network. */
  readonly firstByteSeconds: Seconds | undefined;
  /** First response byte to the end. */
  readonly decodeSeconds: Seconds | undefined;
};

/** Every wait, in the order in which they happen. */
export const waitNames = ["receive", "parse", "queue", "schedule", "firstByte", "decode"] as const;
export type WaitName = (typeof waitNames)[number];

export const waitOf = (waits: Waits, name: WaitName): Seconds | undefined => waits[`${name}Seconds`];

const between = (from: Milliseconds | undefined, to: Milliseconds | undefined): Seconds | undefined =>
  from === undefined || to === undefined || Number.isNaN(from) ? undefined : toSeconds(to - from);

export function waitsOf(kept: KeptDecision): Waits {
  const { arrivedAtMs, decidingAtMs, decidedAtMs, firstByteAtMs, endedAtMs, queuedMs, considered } = kept;
  const scheduledFromMs = considered?.startedAtMs;
  const decisionEndMs = decidedAtMs ?? endedAtMs;
  const parsedAtMs = scheduledFromMs === undefined ? undefined : scheduledFromMs - (queuedMs ?? 0);
  const parsedOnly = decidedAtMs === undefined && scheduledFromMs === undefined;
  const parseEndMs = parsedOnly ? endedAtMs - (queuedMs ?? 0) : parsedAtMs;
  return {
    receiveSeconds: between(arrivedAtMs, decidingAtMs ?? decisionEndMs),
    parseSeconds: between(decidingAtMs, parseEndMs),
    queueSeconds: scheduledFromMs === undefined && queuedMs === undefined ? undefined : toSeconds(queuedMs ?? 0),
    scheduleSeconds: parsedOnly ? undefined : between(scheduledFromMs ?? decidingAtMs, decisionEndMs),
    firstByteSeconds: between(decidedAtMs, firstByteAtMs ?? endedAtMs),
    decodeSeconds: between(firstByteAtMs, endedAtMs),
  };
}
