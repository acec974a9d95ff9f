/** Why an endpoint was chosen: its rivals, their scores, and the scorer that made the difference. */
import { toSeconds, type Ratio, type Seconds, type Tokens } from "#units";
import type { CandidateScores } from "../scheduling/candidate-scores.ts";

/** One endpoint that was in the running. Undefined: unknown when it was rated. */
export type CandidateView = {
  readonly endpoint: string;
  /** Weighted sum of the scores. */
  readonly total: number;
  /** By scorer, in [0, 1], before its weight. */
  readonly scores: Readonly<Record<string, Ratio>>;
  /** Scorers that knew nothing of it and took the mean of the others. */
  readonly unknownTo: readonly string[];
  /** What its metrics were worth: never scraped, older than the staleness threshold, or fresh. */
  readonly metrics: "fresh" | "stale" | "unknown";
  readonly metricsAgeSeconds: Seconds | undefined;
  readonly waitingRequests: number | undefined;
  readonly runningRequests: number | undefined;
  readonly kvCacheUsageRatio: Ratio | undefined;
  /** Sent there by this picker and not yet ended. */
  readonly inFlight: number;
  readonly prefixMatchedBlocks: number | undefined;
};

export type PrefixView = {
  readonly matchedBlocks: number;
  readonly totalBlocks: number;
  readonly blockTokens: Tokens;
  /** Longest match among all candidates. */
  readonly bestMatchedBlocks: number;
};

export type Choice = {
  readonly inPool: number;
  /** After the proxy's subset hint. */
  readonly eligible: number;
  /** After the filters. */
  readonly considered: number;
  readonly scorers: readonly { readonly name: string; readonly weight: number }[];
  /** The chosen one first, then the best others by total. Empty where nothing was left. */
  readonly candidates: readonly CandidateView[];
  /** The scorer that put the chosen one before the runner-up; undefined where none did. */
  readonly decidedBy: string | undefined;
  readonly because: string;
  /** Of the chosen one; undefined without a prompt or a prefix producer. */
  readonly prefix: PrefixView | undefined;
};

const known = (value: number): number | undefined => (Number.isNaN(value) ? undefined : value);

/** Digits that survive a sum of a few scores. */
const rounded = (value: number): number => Number(value.toPrecision(10));

function candidateView(from: CandidateScores, row: number, staleAfterMs: number): CandidateView {
  const ageMs = from.field(row, "ageMs");
  const unknown = from.field(row, "unknown");
  return {
    endpoint: from.id(row),
    total: rounded(from.field(row, "total")),
    scores: Object.fromEntries(from.scorers.map(({ name }, s) => [name, rounded(from.score(row, s))])),
    unknownTo: from.scorers.filter((_, s) => (unknown & (1 << s)) !== 0).map(({ name }) => name),
    metrics: Number.isNaN(ageMs) ? "unknown" : ageMs > staleAfterMs ? "stale" : "fresh",
    metricsAgeSeconds: Number.isNaN(ageMs) ? undefined : toSeconds(ageMs),
    waitingRequests: known(from.field(row, "waiting")),
    runningRequests: known(from.field(row, "running")),
    kvCacheUsageRatio: known(from.field(row, "kvCacheUsage")),
    inFlight: from.field(row, "inFlight"),
    prefixMatchedBlocks: known(from.field(row, "prefixBlocks")),
  };
}

/** What each scorer put the chosen one ahead of the runner-up by, weight included. */
const leads = (from: CandidateScores): readonly { readonly name: string; readonly lead: number }[] =>
  from.scorers.map(({ name, weight }, s) => ({ name, lead: weight * (from.score(0, s) - from.score(1, s)) }));

const signed = (value: number): string => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(2);

/** Differences below this are rounding. */
const equalWithin = 1e-9;

type Reason = Pick<Choice, "decidedBy" | "because">;

function nothingLeft({ inPool, eligible }: CandidateScores): Reason {
  if (inPool === 0) return { decidedBy: undefined, because: "the pool has no endpoints" };
  if (eligible === 0) {
    return { decidedBy: undefined, because: `the proxy's subset hint names none of the ${inPool} endpoints` };
  }
  return { decidedBy: undefined, because: `the filters left none of the ${eligible} endpoints` };
}

function onlyOne({ inPool, eligible }: CandidateScores): Reason {
  const why =
    inPool === 1
      ? "it is the only endpoint of the pool"
      : eligible === 1
        ? "the proxy's subset hint names no other"
        : "the filters left no other";
  return { decidedBy: undefined, because: why };
}

/** In words, which scorer decided between the chosen one and the runner-up. */
function reasonOf(from: CandidateScores): Reason {
  if (from.rows === 0) return nothingLeft(from);
  if (from.rows === 1) return onlyOne(from);
  const runnerUp = from.id(1);
  const lead = from.field(0, "total") - from.field(1, "total");
  const everyScorer = 2 ** from.scorers.length - 1;
  if (everyScorer > 0 && from.field(0, "unknown") === everyScorer && from.field(1, "unknown") === everyScorer) {
    return { decidedBy: undefined, because: `nothing was known of it or of ${runnerUp}; drawn at random` };
  }
  if (lead < -equalWithin) {
    return {
      decidedBy: undefined,
      because: `drawn at random; ${runnerUp} had the higher total by ${(-lead).toFixed(2)}`,
    };
  }
  if (lead <= equalWithin) {
    return { decidedBy: undefined, because: `equal total with ${runnerUp}; drawn at random` };
  }
  const [most, ...others] = leads(from).toSorted((a, b) => b.lead - a.lead);
  const against = others.filter((one) => one.lead < -equalWithin).toSorted((a, b) => a.lead - b.lead);
  const over = against.map((one) => `${one.name} (${signed(one.lead)})`).join(" and ");
  return {
    decidedBy: most!.name,
    because: `${most!.name} put it ${signed(most!.lead)} ahead of ${runnerUp}${over === "" ? "" : `, over ${over}`}`,
  };
}

function prefixOf(from: CandidateScores): PrefixView | undefined {
  if (from.rows === 0) return undefined;
  const matchedBlocks = from.field(0, "prefixBlocks");
  const { prefixTotalBlocks, prefixBlockTokens, bestPrefixBlocks } = from;
  if (Number.isNaN(matchedBlocks) || !(prefixTotalBlocks > 0)) return undefined;
  return {
    matchedBlocks,
    totalBlocks: prefixTotalBlocks,
    blockTokens: prefixBlockTokens,
    bestMatchedBlocks: bestPrefixBlocks,
  };
}

export const choiceOf = (from: CandidateScores, staleAfterMs: number): Choice => ({
  inPool: from.inPool,
  eligible: from.eligible,
  considered: from.considered,
  scorers: from.rows === 0 ? [] : from.scorers.map(({ name, weight }) => ({ name, weight })),
  candidates: Array.from({ length: from.rows }, (_, row) => candidateView(from, row, staleAfterMs)),
  ...reasonOf(from),
  prefix: prefixOf(from),
});
