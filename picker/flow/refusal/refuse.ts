import { unreachable } from "#errors";
import type { Random } from "#random";
import type { Milliseconds, Seconds } from "#units";
import type { QueueLimit } from "../queue/banded-queue.ts";
import type { Refusal } from "./refusal.ts";
import { refusalRules, type RefusalKind } from "./outcomes.ts";
import { defaultRetryAfterSettings, retryAfterSeconds, type RetryAfterSettings } from "./retry-after.ts";

/** A refusal that says when to come back. */
export type TimedRefusal = Refusal & { readonly retryAfterSeconds: Seconds };

/** The waits a refusal may name; each is asked for only where its kind needs it. Infinity is capped, undefined is unknown. */
export type Waits = {
  readonly untilRoomMs: () => Milliseconds | undefined;
  readonly untilEndpointMs: () => Milliseconds | undefined;
};

const elsewhereSeconds: Seconds = 1;

function retryOf(kind: RefusalKind, waits: Waits, random: Random, settings: RetryAfterSettings): Seconds {
  const { retry } = refusalRules[kind];
  switch (retry) {
    case "drain":
      return retryAfterSeconds(waits.untilRoomMs(), random, settings);
    case "cold-start":
      return retryAfterSeconds(waits.untilEndpointMs(), random, settings);
    case "elsewhere":
      return elsewhereSeconds;
    default:
      return unreachable(retry);
  }
}

/** The answer to a request that ends this way. */
export function refuse(
  kind: RefusalKind,
  waits: Waits,
  random: Random,
  settings: RetryAfterSettings = defaultRetryAfterSettings,
): TimedRefusal {
  const { status, reason, droppedReason, message } = refusalRules[kind];
  return {
    kind: "refuse",
    status,
    reason,
    droppedReason,
    message,
    retryAfterSeconds: retryOf(kind, waits, random, settings),
  };
}

/** What a limit of the queue means for the request it keeps out. */
export function refusedAtLimit(limit: QueueLimit, isPoolEmpty: boolean): RefusalKind {
  if (isPoolEmpty) return "queue-full-no-endpoints";
  return limit === "dynamic-bands" ? "no-band" : "queue-full";
}

/** What the end of its time to live means for a queued request; the pool as it is at that moment decides. */
export const refusedAtExpiry = (isPoolEmpty: boolean): RefusalKind =>
  isPoolEmpty ? "ttl-expired-no-endpoints" : "ttl-expired";
