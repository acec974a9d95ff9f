import type { Random } from "#random";
import type { Milliseconds } from "#units";
import { noteOf, type Asking } from "./asking.ts";
import type { FlowEvents } from "./flow-events.ts";
import type { Gate } from "./gate.ts";
import type { PoolRegime } from "./pool-regime.ts";
import type { BandedQueue } from "./queue/banded-queue.ts";
import type { RefusalKind } from "./refusal/outcomes.ts";
import { refuse, type TimedRefusal } from "./refusal/refuse.ts";
import type { RetryAfterSettings } from "./refusal/retry-after.ts";
import type { RoomForecast } from "./room-forecast.ts";

export type RefuserParts = {
  readonly queue: BandedQueue;
  readonly forecast: RoomForecast;
  readonly regime: PoolRegime;
  readonly gate: Gate;
  readonly random: Random;
  readonly settings: RetryAfterSettings;
  readonly events: FlowEvents;
};

/** Answers requests that get no endpoint, with the time at which they would. */
export class Refuser {
  readonly #parts: RefuserParts;

  constructor(parts: RefuserParts) {
    this.#parts = parts;
  }

  refuse(asking: Asking, kind: RefusalKind, nowMs: Milliseconds): undefined {
    const { events, gate } = this.#parts;
    const refusal = this.refusalOf(asking, kind, nowMs);
    events.left(asking.request, kind, nowMs - asking.askedAtMs);
    asking.port.refuse(refusal, noteOf(asking, kind, gate.saturation, nowMs));
    return undefined;
  }

  refusalOf({ request }: Pick<Asking, "request">, kind: RefusalKind, nowMs: Milliseconds): TimedRefusal {
    const { forecast, queue, regime, random, settings } = this.#parts;
    const { priority, expiresAtMs, arrivedAtMs } = request;
    const waits = {
      untilRoomMs: () => {
        const allowanceMs = expiresAtMs === undefined ? undefined : expiresAtMs - arrivedAtMs;
        return forecast.untilServableMs(priority, queue.ahead(priority), allowanceMs, nowMs);
      },
      untilEndpointMs: () => (regime.current.isPoolEmpty ? regime.untilEndpointMs(nowMs) : undefined),
    };
    return refuse(kind, waits, random, settings);
  }
}
