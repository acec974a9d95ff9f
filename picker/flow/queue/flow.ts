import { unreachable } from "#errors";
import type { Milliseconds, Tokens } from "#units";
import type { FlowRequest } from "../flow-request.ts";
import { IndexedHeap, type Placed } from "./indexed-heap.ts";
import type { Ordering } from "./settings.ts";

const orderPlace = 0;
/** The place of a queued request in the heap of expiries. */
export const expiryPlace = 1;

/** A request while it is queued. Reused for another one after it has left, so that waiting leaves no garbage. */
export type Queued = Placed & {
  request: FlowRequest;
  flow: Flow;
  tokens: Tokens;
  /** Order of enqueueing over the whole queue; breaks every tie. */
  sequence: number;
  older: Queued | undefined;
  younger: Queued | undefined;
};

/** What a request is expected to cost. At least 1, so that what is unknown is not free. */
export const expectedTokens = ({ promptTokens, expectedOutputTokens }: FlowRequest): Tokens => {
  const tokens = promptTokens + expectedOutputTokens;
  return tokens > 1 ? tokens : 1;
};

/** An instant to compare by; Infinity where there is none or it is not a number. */
export const orFarFuture = (instant: Milliseconds | undefined): Milliseconds =>
  instant === undefined || Number.isNaN(instant) ? Infinity : instant;

/** What the ordering compares, lowest first; ties go by the order of enqueueing. */
export function orderKeyOf(ordering: Ordering, { request, sequence }: Queued): number {
  switch (ordering) {
    case "fcfs":
      return sequence;
    case "edf":
      return orFarFuture(request.expiresAtMs);
    case "slo-deadline":
      return orFarFuture(request.ttftDeadlineAtMs);
    default:
      return unreachable(ordering);
  }
}

export const wasEnqueuedBefore = (a: Queued, b: Queued): boolean => a.sequence < b.sequence;

/** Of two flows with something queued. */
export const hasEarlierHead = (a: Flow, b: Flow): boolean => wasEnqueuedBefore(a.queue.first!, b.queue.first!);

/** The requests that share one turn in one band, and what its band's fairness policy remembers of them. */
export class Flow implements Placed {
  readonly places = [-1, -1, -1];
  /** Empty where the flows of the band do not differ by objective. */
  objective = "";
  fairnessId = "";
  readonly queue = new IndexedHeap<Queued>(orderPlace, wasEnqueuedBefore);
  /** Meaning and unit of these two belong to the fairness policy. */
  rank = 0;
  rankedAtMs: Milliseconds = 0;
  skipped = false;
  isIdle = false;
  idleBefore: Flow | undefined;
  idleAfter: Flow | undefined;
  /** When a sweep first found it empty. */
  idleSinceMs: Milliseconds | undefined;
}
