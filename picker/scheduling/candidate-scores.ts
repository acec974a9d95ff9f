/** The best candidates of one cycle with their scores by scorer, copied so that they outlive the scheduler's arrays. */
import type { Bytes, Milliseconds, Tokens } from "#units";
import type { Candidates, SchedulingContext } from "./plugin.ts";
import type { WeightedScorer } from "./profile.ts";

/** Rows: the endpoint that was chosen, then the best others. */
export const keptCandidates = 8;

/** What a row holds, in this order, before one score a scorer. NaN where it was unknown. */
const fields = ["total", "ageMs", "waiting", "running", "kvCacheUsage", "inFlight", "prefixBlocks", "unknown"] as const;
export type CandidateField = (typeof fields)[number];

/** What a cycle decided over, with the columns that it filled. */
export type RatedCycle = {
  readonly context: SchedulingContext;
  readonly candidates: Candidates;
  readonly scorers: readonly Pick<WeightedScorer, "name" | "weight">[];
  readonly totals: Float64Array;
  /** One a scorer, by candidate. */
  readonly columns: readonly Float64Array[];
  /** By candidate: bit s is set where scorer s knew nothing and the mean was taken. */
  readonly unknown: Uint32Array;
};

function longestMatch({ context: { prefixMatchedBlocks }, candidates: { indexes, count } }: RatedCycle): number {
  let longest = 0;
  for (let i = 0; i < count; i++) {
    const matched = prefixMatchedBlocks[indexes[i]!]!;
    if (matched > longest) longest = matched;
  }
  return longest;
}

/** Made once and filled again for another request when its record is gone: a cycle allocates nothing for it. */
export class CandidateScores {
  /** Instant at which the cycle began. */
  startedAtMs: Milliseconds = Number.NaN;
  /** Endpoints of the snapshot, then those that the proxy's subset leaves, then those that the filters leave. */
  inPool = 0;
  eligible = 0;
  considered = 0;
  promptTokens: Tokens = 0;
  /** NaN without a prefix producer. */
  prefixTotalBlocks = Number.NaN;
  prefixBlockTokens = Number.NaN;
  /** Longest match among all candidates; NaN without a prompt or a prefix producer. */
  bestPrefixBlocks = Number.NaN;
  scorers: RatedCycle["scorers"] = [];
  rows = 0;
  readonly #ids: string[] = [];
  #values = new Float64Array(0);
  readonly #best = new Int32Array(keptCandidates);

  /** Memory held, the object itself included. */
  get bytes(): Bytes {
    return 400 + this.#values.byteLength + this.#ids.length * 8 + this.#best.byteLength;
  }

  id(row: number): string {
    return this.#ids[row]!;
  }

  field(row: number, name: CandidateField): number {
    return this.#values[row * this.#width + fields.indexOf(name)]!;
  }

  score(row: number, scorer: number): number {
    return this.#values[row * this.#width + fields.length + scorer]!;
  }

  /** A cycle begins. */
  begin(startedAtMs: Milliseconds, inPool: number, eligible: number): void {
    this.startedAtMs = startedAtMs;
    this.inPool = inPool;
    this.eligible = eligible;
    this.considered = 0;
    this.promptTokens = 0;
    this.prefixTotalBlocks = Number.NaN;
    this.prefixBlockTokens = Number.NaN;
    this.bestPrefixBlocks = Number.NaN;
    this.rows = 0;
  }

  /** An endpoint was chosen. @param chosen its index in the snapshot */
  keep(cycle: RatedCycle, chosen: number): void {
    const { context, candidates, scorers } = cycle;
    this.considered = candidates.count;
    this.promptTokens = context.promptTokens;
    this.prefixTotalBlocks = context.prefixTotalBlocks;
    this.prefixBlockTokens = context.prefixBlockTokens;
    this.scorers = scorers;
    const size = keptCandidates * this.#width;
    if (this.#values.length !== size) this.#values = new Float64Array(size);
    this.bestPrefixBlocks = context.prefixTotalBlocks > 0 ? longestMatch(cycle) : Number.NaN;
    this.#rank(cycle, chosen);
    for (let row = 0; row < this.rows; row++) this.#fillRow(cycle, row, this.#best[row]!);
  }

  get #width(): number {
    return fields.length + this.scorers.length;
  }

  /** Writes the positions of the chosen candidate and of the best others, by total. */
  #rank({ candidates: { indexes, count }, totals }: RatedCycle, chosen: number): void {
    const best = this.#best;
    const chosenAt = indexes.indexOf(chosen);
    best[0] = chosenAt;
    let kept = 1;
    let least = -Infinity;
    for (let i = 0; i < count; i++) {
      const total = totals[i]!;
      if ((kept === keptCandidates && total <= least) || i === chosenAt) continue;
      let at = kept < keptCandidates ? kept++ : kept - 1;
      for (; at > 1 && total > totals[best[at - 1]!]!; at--) best[at] = best[at - 1]!;
      best[at] = i;
      least = totals[best[kept - 1]!]!;
    }
    this.rows = kept;
  }

  #fillRow({ context, candidates, totals, columns, unknown }: RatedCycle, row: number, position: number): void {
    const { snapshot, inFlight, nowMs, prefixMatchedBlocks } = context;
    const index = candidates.indexes[position]!;
    const endpoint = snapshot.endpoints[index]!;
    const values = this.#values;
    let at = row * this.#width;
    this.#ids[row] = endpoint.id;
    values[at++] = totals[position]!;
    values[at++] = endpoint.metrics === undefined ? Number.NaN : nowMs - endpoint.metrics.observedAtMs;
    values[at++] = snapshot.waitingRequests[index]!;
    values[at++] = snapshot.runningRequests[index]!;
    values[at++] = snapshot.kvCacheUsageRatio[index]!;
    values[at++] = inFlight.requests(endpoint.slot);
    values[at++] = prefixMatchedBlocks[index]!;
    values[at++] = unknown[position]!;
    for (let s = 0; s < columns.length; s++) values[at++] = columns[s]![position]!;
  }
}
