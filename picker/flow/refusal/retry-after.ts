/**
 * When a refused request is to come back.
 *
 * Advice is truthful where it is at least half and at most twice the actual time to room: the time from the refusal to the
 * instant at which a request that kept the refused one's place would have gone to an endpoint, or at which one like it is let
 * into a queue that serves it in time. That place is behind all that was queued, and requests of higher bands that come
 * later go first. Where the actual time is below a second, advice of up to two is truthful, since the header cannot say less
 * than one.
 */
import { unreachable } from "#errors";
import type { Random } from "#random";
import { toSeconds, type Milliseconds, type Ratio, type Seconds } from "#units";
import type { WaitPrediction } from "./drain-rate.ts";

export type RetryAfterSettings = {
  /** Beyond 60 s the OpenAI SDKs ignore the header and come back within 8 s. */
  readonly maxSeconds: Seconds;
  /** Where nothing was measured yet. */
  readonly unknownSeconds: Seconds;
  /** How far those refused together are spread, as a share of the wait, so that they do not return together. */
  readonly jitter: Ratio;
};

export const defaultRetryAfterSettings: RetryAfterSettings = { maxSeconds: 60, unknownSeconds: 5, jitter: 0.2 };

/** Truthful wherever 1 is and up to 4 s besides, and waits of less than a second are short by luck: more may come first. */
const leastSeconds: Seconds = 2;

/**
 * The value of a `retry-after` header: whole seconds, from 2 to the cap, around the predicted time.
 * @param waitMs time until there is room; Infinity is capped, undefined is unknown
 */
export function retryAfterSeconds(
  waitMs: Milliseconds | undefined,
  random: Random,
  { maxSeconds, unknownSeconds, jitter }: RetryAfterSettings = defaultRetryAfterSettings,
): Seconds {
  const wait = waitMs === undefined ? unknownSeconds : toSeconds(waitMs);
  const share = jitter * random();
  const jittered = Math.round(wait * (1 - jitter / 2 + share));
  const most = Math.max(1, Math.floor(maxSeconds));
  return Math.min(most, Math.max(leastSeconds, jittered <= most ? jittered : Math.floor(most * (1 - share))));
}

/**
 * The length around which waits of this average are densest, in proportion: half of it and twice it enclose more of them
 * than of any other. Requests of higher bands that happen to come make a few waits very long, so the average is longer.
 * Source: the mode of the logarithm of a first passage time of Brownian motion with drift (inverse Gaussian).
 */
function likelyMs(meanMs: Milliseconds, spreadMs: Milliseconds): Milliseconds {
  if (meanMs <= 0) return 0;
  const half = spreadMs / meanMs / 2;
  return meanMs / (Math.sqrt(1 + half * half) + half);
}

/**
 * A prediction as the wait that {@link retryAfterSeconds} takes.
 * @param allowedMs the wait is over once it is no longer than this
 */
export function waitOf(prediction: WaitPrediction, allowedMs: Milliseconds = 0): Milliseconds | undefined {
  switch (prediction.kind) {
    case "known":
      return likelyMs(prediction.waitMs - allowedMs, prediction.spreadMs);
    case "infinite":
      return Infinity;
    case "unknown":
      return undefined;
    default:
      return unreachable(prediction);
  }
}
