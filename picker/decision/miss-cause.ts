/** Misses by what they have in common: which dimension, where the time went, at which endpoint, for what reason. */
import { dimensions, type Dimension, type MissReason } from "#objective";
import type { Seconds } from "#units";
import type { ExplainedDecision } from "./decision-record.ts";
import { adviceFor, type MissFacts } from "./miss-advice.ts";
import { waitNames, waitOf, type WaitName } from "./waits.ts";

export type MissCause = {
  readonly reason: MissReason;
  /** Undefined where it was not a latency that missed. */
  readonly dimension: Dimension | undefined;
  /** The longest wait among those that count towards the dimension; undefined for a refusal. */
  readonly wait: WaitName | undefined;
  readonly endpoint: string | undefined;
};

export type MissGroup = MissCause & {
  readonly count: number;
  /** By how much they missed; undefined where it was not a latency. */
  readonly overSeconds: { readonly median: Seconds; readonly max: Seconds } | undefined;
  /** Ids, those that missed by most first. */
  readonly examples: readonly string[];
  readonly lookNext: readonly string[];
};

const beforeFirstToken = ["receive", "parse", "queue", "schedule", "firstByte"] as const satisfies readonly WaitName[];

const countingTowards = (dimension: Dimension | undefined): readonly WaitName[] =>
  dimension === "ttft" ? beforeFirstToken : dimension === "tpot" ? ["decode"] : waitNames;

function longestWait({ waits }: ExplainedDecision, among: readonly WaitName[]): WaitName | undefined {
  let longest: WaitName | undefined;
  for (const name of among) {
    const wait = waitOf(waits, name);
    if (wait !== undefined && (longest === undefined || wait > waitOf(waits, longest)!)) longest = name;
  }
  return longest;
}

/** Why it missed; undefined for a request that did not. */
export function missCause(record: ExplainedDecision): MissCause | undefined {
  const { reason, endpoint } = record;
  if (reason === undefined) return undefined;
  const dimension = dimensions.find((one) => one === reason);
  const wait = record.outcome === "refused" ? undefined : longestWait(record, countingTowards(dimension));
  return { reason, dimension, wait, endpoint };
}

/** The upper of the two in the middle; undefined without a known value. */
export function medianOf(values: readonly (number | undefined)[]): number | undefined {
  const sorted = values.filter((value) => value !== undefined).toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

const mostExamples = 3;

function mostOften(names: readonly (string | undefined)[]): MissFacts["decidedBy"] {
  const counts = new Map<string, number>();
  for (const name of names) if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  const [first] = [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return first && { name: first[0], count: first[1] };
}

/** What the records of one cause have in common. */
export function missFacts(cause: MissCause, records: readonly ExplainedDecision[]): MissFacts {
  const chosen = records.map(({ choice }) => choice?.candidates[0]);
  const runnersUp = records.map(({ choice }) => choice?.candidates[1]);
  return {
    ...cause,
    count: records.length,
    waitSeconds: medianOf(records.map(({ waits }) => cause.wait && waitOf(waits, cause.wait))),
    waitingRequests: medianOf(chosen.map((one) => one?.waitingRequests)),
    runningRequests: medianOf(chosen.map((one) => one?.runningRequests)),
    kvCacheUsageRatio: medianOf(chosen.map((one) => one?.kvCacheUsageRatio)),
    runnerUpWaitingRequests: medianOf(runnersUp.map((one) => one?.waitingRequests)),
    withoutFreshMetrics: chosen.filter((one) => one !== undefined && one.metrics !== "fresh").length,
    decidedBy: mostOften(records.map(({ choice }) => choice?.decidedBy)),
    promptTokens: medianOf(records.map(({ promptTokensEstimated }) => promptTokensEstimated)),
    responseStatus: medianOf(records.map(({ responseStatus }) => responseStatus)),
    refusedBecause: records.find(({ choice }) => choice !== undefined)?.choice?.because,
  };
}

function groupOf(cause: MissCause, records: readonly ExplainedDecision[]): MissGroup {
  const over = ({ overSeconds }: ExplainedDecision): number => (cause.dimension && overSeconds[cause.dimension]) ?? 0;
  const worstFirst = records.toSorted((a, b) => over(b) - over(a));
  const [worst] = worstFirst;
  const overSeconds =
    cause.dimension === undefined || worst === undefined
      ? undefined
      : { median: medianOf(records.map(over)) ?? 0, max: over(worst) };
  return {
    ...cause,
    count: records.length,
    overSeconds,
    examples: worstFirst.slice(0, mostExamples).map(({ id }) => id),
    lookNext: adviceFor(missFacts(cause, records)),
  };
}

/** The misses among the records, by cause, the most frequent first. */
export function groupMisses(records: readonly ExplainedDecision[]): readonly MissGroup[] {
  const groups = new Map<string, { readonly cause: MissCause; readonly records: ExplainedDecision[] }>();
  for (const record of records) {
    const cause = missCause(record);
    if (cause === undefined) continue;
    const key = [cause.reason, cause.wait, cause.endpoint].join("\n");
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { cause, records: [record] });
    else group.records.push(record);
  }
  return [...groups]
    .toSorted(([a, one], [b, other]) => other.records.length - one.records.length || (a < b ? -1 : 1))
    .map(([, { cause, records: members }]) => groupOf(cause, members));
}

/** What to look at for one record; empty for one that did not miss. */
export function lookNext(record: ExplainedDecision): readonly string[] {
  const cause = missCause(record);
  return cause === undefined ? [] : adviceFor(missFacts(cause, [record]));
}
