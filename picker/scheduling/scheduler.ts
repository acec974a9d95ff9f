import type { Endpoint, PoolSnapshot } from "#pool";
import { isNonEmpty, type Milliseconds, type NonEmpty, type Ratio, type Tokens } from "#units";
import type { CandidateScores } from "./candidate-scores.ts";
import type { DataProducer, InFlightView, SchedulingContext, SchedulingRequest } from "./plugin.ts";
import { narrow, rate, type Profile } from "./profile.ts";
import { estimatePromptTokens } from "./prompt-tokens.ts";
import { SlotOwners } from "./slot-owners.ts";
import type { EndpointMatcher } from "./subset.ts";

/** A producer with the name that it has in the configuration. */
export type NamedProducer = { readonly name: string; readonly producer: DataProducer };

/** What one cycle decides over. */
export type ScheduleInput = {
  readonly request: SchedulingRequest;
  readonly snapshot: PoolSnapshot;
  readonly inFlight: InFlightView;
  readonly nowMs: Milliseconds;
  /** Undefined: every endpoint of the snapshot. */
  readonly subset: EndpointMatcher | undefined;
  /** Which of them may be sent one more request; undefined: all. */
  readonly admits?: EndpointMatcher | undefined;
  /** Collects the scores of all rated candidates. */
  readonly withScores: boolean;
  /** Filled with what was decided over, for the decision record; undefined where nothing is recorded. */
  readonly considered?: CandidateScores | undefined;
};

export type EndpointScore = { readonly endpoint: Endpoint; readonly score: number };

/**
 * - picked: in order of preference; `uncachedPromptTokens` is what the first one is expected to compute, all of the
 *   prompt where nothing is known of its cache; `scores` are weighted sums, undefined unless asked for
 * - no-candidates: the pool, or the subset of it, is empty
 * - no-room: it is not, and `admits` lets none of them through
 * - filtered-out: the filters of the profile left nothing of those that it lets through
 */
export type ScheduleResult =
  | {
      readonly kind: "picked";
      readonly endpoints: NonEmpty<Endpoint>;
      readonly promptTokens: Tokens;
      readonly uncachedPromptTokens: Tokens;
      readonly scores: readonly EndpointScore[] | undefined;
    }
  | { readonly kind: "no-candidates" }
  | { readonly kind: "no-room" }
  | { readonly kind: "filtered-out"; readonly profile: string };

type Scratch = {
  candidates: { indexes: Int32Array; count: number };
  totals: Float64Array;
  columns: readonly Float64Array[];
  unknown: Uint32Array;
  prefixMatchedBlocks: Float64Array;
};

const scratchFor = (size: number, scorers: number): Scratch => ({
  candidates: { indexes: new Int32Array(size), count: 0 },
  totals: new Float64Array(size),
  columns: Array.from({ length: scorers }, () => new Float64Array(size)),
  unknown: new Uint32Array(size),
  prefixMatchedBlocks: new Float64Array(size),
});

const isReachable: EndpointMatcher = ({ unreachable }) => unreachable !== true;

function keepMatching(endpoints: readonly Endpoint[], { candidates }: Scratch, matches: EndpointMatcher): void {
  const { indexes } = candidates;
  let kept = 0;
  for (let i = 0; i < candidates.count; i++) if (matches(endpoints[indexes[i]!]!)) indexes[kept++] = indexes[i]!;
  candidates.count = kept;
}

/**
 * Runs scheduling cycles over one profile. Synchronous; its arrays are reused, so that a cycle allocates its context and
 * its result and nothing for each endpoint.
 */
export class Scheduler {
  readonly #profile: Profile;
  readonly #producers: readonly NamedProducer[];
  readonly #random: () => Ratio;
  readonly #owners = new SlotOwners((slot) => this.forget(slot));
  #scratch: Scratch;
  #picked: Int32Array;

  constructor(profile: Profile, producers: readonly NamedProducer[], random: () => Ratio) {
    this.#profile = profile;
    this.#scratch = scratchFor(64, profile.scorers.length);
    this.#producers = producers;
    this.#random = random;
    this.#picked = new Int32Array(1);
  }

  /** One cycle. Endpoints that left the pool since the last one are forgotten first. */
  schedule(input: ScheduleInput): ScheduleResult {
    const { snapshot, considered } = input;
    this.#owners.observe(snapshot);
    const scratch = this.#reserve(snapshot.endpoints.length);
    const { candidates } = scratch;
    this.#fillCandidates(snapshot, input.subset);
    considered?.begin(input.nowMs, snapshot.endpoints.length, candidates.count);
    if (candidates.count === 0) return { kind: "no-candidates" };
    if (input.admits !== undefined) keepMatching(snapshot.endpoints, scratch, input.admits);
    if (candidates.count === 0) return { kind: "no-room" };
    const context = this.#context(input, scratch);
    for (let i = 0; i < this.#producers.length; i++) this.#producers[i]!.producer.produce(context);
    narrow(this.#profile, context, candidates);
    if (candidates.count === 0) return { kind: "filtered-out", profile: this.#profile.name };
    rate(this.#profile, context, candidates, scratch);
    return this.#pick(context, input);
  }

  /** Any endpoint with the same chance, for requests that have no body to schedule by; undefined when there is none. */
  anyEndpoint(snapshot: PoolSnapshot, subset: EndpointMatcher | undefined): Endpoint | undefined {
    const { candidates } = this.#reserve(snapshot.endpoints.length);
    this.#fillCandidates(snapshot, subset);
    if (candidates.count === 0) return undefined;
    const chosen = Math.min(candidates.count - 1, Math.floor(this.#random() * candidates.count));
    return snapshot.endpoints[candidates.indexes[chosen]!];
  }

  /** Tells the producers where a request went. Call it once the reply is on its way. */
  learn(request: SchedulingRequest, endpoint: Endpoint): void {
    if (!this.#owners.owns(endpoint)) return;
    for (const { producer } of this.#producers) producer.onRouted?.(request, endpoint);
  }

  /** Forgets what was learnt of the endpoint in a slot. Done by itself when a snapshot no longer has that endpoint there. */
  forget(slot: number): void {
    for (const { producer } of this.#producers) producer.onEndpointRemoved?.(slot);
  }

  /** For /debug/state: what runs, and a bounded summary of each producer. */
  state(): Readonly<Record<string, unknown>> {
    const { name, scorers, filters, picker } = this.#profile;
    return {
      profile: name,
      filters: filters.length,
      scorers: scorers.map(({ name, weight }) => ({ name, weight })),
      maxEndpoints: picker.maxEndpoints,
      producers: Object.fromEntries(this.#producers.map(({ name, producer }) => [name, producer.state?.() ?? {}])),
    };
  }

  #reserve(size: number): Scratch {
    const now = this.#scratch.totals.length;
    if (now < size) this.#scratch = scratchFor(Math.max(size, now * 2), this.#profile.scorers.length);
    return this.#scratch;
  }

  /** Endpoints that cannot be reached are left out, unless there are no others: then trying is better than refusing. */
  #fillCandidates({ endpoints }: PoolSnapshot, subset: EndpointMatcher | undefined): void {
    const { candidates } = this.#scratch;
    let count = 0;
    let reachable = 0;
    for (let i = 0; i < endpoints.length; i++) {
      if (subset !== undefined && !subset(endpoints[i]!)) continue;
      candidates.indexes[count++] = i;
      if (endpoints[i]!.unreachable !== true) reachable++;
    }
    candidates.count = count;
    if (reachable > 0 && reachable < count) keepMatching(endpoints, this.#scratch, isReachable);
  }

  #context({ request, snapshot, inFlight, nowMs }: ScheduleInput, { prefixMatchedBlocks }: Scratch): SchedulingContext {
    prefixMatchedBlocks.fill(Number.NaN, 0, snapshot.endpoints.length);
    return {
      request,
      snapshot,
      inFlight,
      nowMs,
      promptTokens: estimatePromptTokens(request.promptRanges),
      prefixMatchedBlocks,
      prefixTotalBlocks: Number.NaN,
      prefixBlockTokens: Number.NaN,
    };
  }

  #pick(context: SchedulingContext, { withScores, considered }: ScheduleInput): ScheduleResult {
    const { candidates, totals, columns, unknown } = this.#scratch;
    const { picker, scorers } = this.#profile;
    const { endpoints } = context.snapshot;
    const wanted = Math.min(picker.maxEndpoints, candidates.count);
    if (this.#picked.length !== wanted) this.#picked = new Int32Array(wanted);
    const count = picker.pick(candidates, totals, this.#random, this.#picked);
    const chosen: Endpoint[] = [];
    for (let i = 0; i < count; i++) chosen.push(endpoints[this.#picked[i]!]!);
    if (!isNonEmpty(chosen)) throw new Error("the picker chose nothing from candidates that are not empty");
    const first = this.#picked[0]!;
    considered?.keep({ context, candidates, scorers, totals, columns, unknown }, first);
    const cached = context.prefixMatchedBlocks[first]! * context.prefixBlockTokens;
    return {
      kind: "picked",
      endpoints: chosen,
      promptTokens: context.promptTokens,
      uncachedPromptTokens: Number.isNaN(cached) ? context.promptTokens : Math.max(0, context.promptTokens - cached),
      scores: withScores ? this.#scores(endpoints) : undefined,
    };
  }

  #scores(endpoints: readonly Endpoint[]): readonly EndpointScore[] {
    const { candidates, totals } = this.#scratch;
    const scores: EndpointScore[] = [];
    for (let i = 0; i < candidates.count; i++) {
      scores.push({ endpoint: endpoints[candidates.indexes[i]!]!, score: totals[i]! });
    }
    return scores;
  }
}
