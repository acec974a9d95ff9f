/** From what misses have in common to what to look at next. Each line is something that can be done or opened. */
import { pickerMetrics, requestMetrics } from "#metrics";
import type { Dimension, MissReason } from "#objective";
import type { Ratio, Seconds, Tokens } from "#units";
import type { WaitName } from "./waits.ts";

/** Medians over the misses of one cause. Undefined: unknown. */
export type MissFacts = {
  readonly reason: MissReason;
  readonly dimension: Dimension | undefined;
  readonly wait: WaitName | undefined;
  readonly endpoint: string | undefined;
  readonly count: number;
  readonly waitSeconds: Seconds | undefined;
  readonly waitingRequests: number | undefined;
  readonly runningRequests: number | undefined;
  readonly kvCacheUsageRatio: Ratio | undefined;
  readonly runnerUpWaitingRequests: number | undefined;
  /** Misses whose endpoint was chosen by metrics that were stale, or by none. */
  readonly withoutFreshMetrics: number;
  readonly decidedBy: { readonly name: string; readonly count: number } | undefined;
  readonly promptTokens: Tokens | undefined;
  readonly responseStatus: number | undefined;
  readonly refusedBecause: string | undefined;
};

/** From here on a KV cache is full enough to preempt requests. */
const fullCache: Ratio = 0.9;
/** A queue that is longer by this much was outweighed, not merely equal. */
const clearlyMore = 2;

const requests = (count: number): string => (count === 1 ? "1 request" : `${count} requests`);

function engineQueue({ endpoint, waitingRequests }: MissFacts): string | undefined {
  if (waitingRequests === undefined || waitingRequests < 1) return undefined;
  const were = waitingRequests === 1 ? "was" : "were";
  return `${requests(waitingRequests)} ${were} waiting at ${endpoint} when it was chosen: more replicas, or less traffic of lower priority`;
}

/** Nobody was in line: the time is the model server's own. */
function noQueue({ endpoint, waitingRequests, runningRequests, promptTokens }: MissFacts): string | undefined {
  if (waitingRequests === undefined || waitingRequests >= 1) return undefined;
  const beside = runningRequests === undefined || runningRequests < 1 ? "" : ` beside ${requests(runningRequests)}`;
  const prompt = promptTokens === undefined ? "" : ` on a prompt of about ${promptTokens} tokens`;
  return `nothing was waiting at ${endpoint} when it was chosen: its own work${prompt}${beside} takes too long; more replicas, a smaller batch, or a looser threshold`;
}

function outweighedQueue(facts: MissFacts): string | undefined {
  const { waitingRequests, runnerUpWaitingRequests, decidedBy, count } = facts;
  if (waitingRequests === undefined || runnerUpWaitingRequests === undefined || decidedBy === undefined)
    return undefined;
  if (waitingRequests - runnerUpWaitingRequests < clearlyMore) return undefined;
  return `${decidedBy.name} decided ${decidedBy.count} of ${count} against a shorter queue (${runnerUpWaitingRequests} waiting at the runner-up): lower its weight, or raise that of queue-scorer`;
}

const fullKvCache = ({ endpoint, kvCacheUsageRatio }: MissFacts): string | undefined =>
  kvCacheUsageRatio === undefined || kvCacheUsageRatio < fullCache
    ? undefined
    : `the KV cache of ${endpoint} was ${(kvCacheUsageRatio * 100).toFixed(0)} % full: it may preempt requests; fewer at a time, or more memory for it`;

const oldMetrics = ({ endpoint, withoutFreshMetrics, count }: MissFacts): string | undefined =>
  withoutFreshMetrics * 2 <= count
    ? undefined
    : `${endpoint} was chosen without fresh metrics in ${withoutFreshMetrics} of ${count}: attain doctor says why it is not scraped`;

const biggerBatch = ({ endpoint, runningRequests }: MissFacts): string | undefined =>
  runningRequests === undefined || runningRequests < 1
    ? undefined
    : `${requests(runningRequests)} shared the batch of ${endpoint}: a smaller batch, or more replicas`;

const byWait: Readonly<Record<WaitName, (facts: MissFacts) => readonly (string | undefined)[]>> = {
  receive: () => ["the request body came in slowly: the client's uplink, or buffering in the gateway"],
  parse: () => ["reading the body took longest: its size, and the CPU that the picker gets"],
  queue: () => ["flow control held it longest: the pool's saturation, and what is queued before it by priority"],
  schedule: () => [
    `the decision took longest: ${pickerMetrics.decisionDurationSeconds.name} and ${pickerMetrics.eventLoopDelaySeconds.name}, and the CPU that the picker gets`,
  ],
  firstByte: (facts) => [
    engineQueue(facts),
    noQueue(facts),
    outweighedQueue(facts),
    fullKvCache(facts),
    oldMetrics(facts),
  ],
  decode: (facts) => [biggerBatch(facts), fullKvCache(facts), oldMetrics(facts)],
};

const unavailable = (facts: MissFacts): readonly string[] => [
  `${facts.refusedBecause ?? "no endpoint was there"}: attain status shows the pool, attain doctor what is wrong with it`,
];
const noRoom = (): readonly string[] => ["the pool had no room for it: more replicas, or less traffic of its priority"];

const byReason: Readonly<Partial<Record<MissReason, (facts: MissFacts) => readonly string[]>>> = {
  no_endpoints: unavailable,
  shed: noRoom,
  queue_full: noRoom,
  ttl_expired: noRoom,
  evicted: noRoom,
  shutting_down: () => ["the picker was shutting down: the gateway should have another one to ask"],
  upstream_error: ({ endpoint, responseStatus }) => [
    responseStatus === undefined || responseStatus < 400
      ? `the response of ${endpoint} broke off: its log, and resets in the gateway's`
      : `${endpoint} answered ${responseStatus}: its log`,
  ],
};

const nothingStandsOut = ({ endpoint }: MissFacts): readonly string[] => [
  `nothing stands out in the picker: ${requestMetrics.ttftSeconds.name} and ${requestMetrics.tpotSeconds.name} by model, and the log of ${endpoint ?? "the model servers"}`,
];

/** At least one line. */
export function adviceFor(facts: MissFacts): readonly string[] {
  const ofReason = byReason[facts.reason];
  if (ofReason !== undefined) return ofReason(facts);
  const lines = facts.wait === undefined ? [] : byWait[facts.wait](facts).filter((line) => line !== undefined);
  return lines.length > 0 ? lines : nothingStandsOut(facts);
}
