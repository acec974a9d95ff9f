import type { Milliseconds, Tokens } from "#units";
import { drawLength } from "./lengths.ts";
import type { LoadObjective } from "./objective.ts";
import { exponential, seededRandom, seedOf } from "#random";
import { peakRate, rateAt } from "./rate.ts";

/** One request of a plan. */
export type PlannedRequest = {
  /** Position in the plan, from 0. */
  readonly index: number;
  readonly objective: LoadObjective;
  /** When it is to be sent, from the start of the run. */
  readonly intendedAtMs: Milliseconds;
  /** Whole prompt, the shared prefix included. */
  readonly promptTokens: Tokens;
  /** Which of the objective's prefixes the prompt begins with; undefined for a prompt of its own. */
  readonly prefix: { readonly id: number; readonly tokens: Tokens } | undefined;
  readonly outputTokens: Tokens;
  readonly stream: boolean;
};

/** What a plan is made of. */
export type PlanOptions = {
  readonly objectives: readonly LoadObjective[];
  readonly durationMs: Milliseconds;
  /** The same seed and objectives give the same plan; each objective draws from a sequence of its own. */
  readonly seed: number;
};

type Drawn = Omit<PlannedRequest, "index">;

/**
 * A Poisson process with the curve's rate, by thinning: arrivals at the peak rate, each kept with the share that the
 * rate of its instant is of the peak.
 */
function* arrivals(objective: LoadObjective, durationMs: Milliseconds, seed: number): Generator<Drawn, undefined> {
  const random = seededRandom(seedOf(seed, objective.name));
  const peakPerSecond = peakRate(objective.rate);
  if (peakPerSecond <= 0) return;
  const meanGapMs = 1000 / peakPerSecond;
  for (let atMs = meanGapMs * exponential(random); atMs < durationMs; atMs += meanGapMs * exponential(random)) {
    if (random() * peakPerSecond >= rateAt(objective.rate, atMs)) continue;
    const promptTokens = drawLength(objective.prompt, random);
    const outputTokens = drawLength(objective.output, random);
    const shares = random() < objective.sharedShare;
    const id = Math.floor(random() * objective.prefixCount);
    const stream = random() < objective.streamShare;
    const prefixTokens = Math.min(objective.prefixTokens, promptTokens - 1);
    const prefix = shares && prefixTokens > 0 ? { id, tokens: prefixTokens } : undefined;
    yield { objective, intendedAtMs: atMs, promptTokens, prefix, outputTokens, stream };
  }
}

/** Every request of the run in the order of its intended time, made as it is asked for. */
export function* planRequests({ objectives, durationMs, seed }: PlanOptions): Generator<PlannedRequest, undefined> {
  const sources = objectives.map((objective) => arrivals(objective, durationMs, seed));
  const heads = sources.map((source) => source.next().value);
  for (let index = 0; ; index++) {
    let earliest = -1;
    for (let i = 0; i < heads.length; i++) {
      const head = heads[i];
      if (head === undefined) continue;
      if (earliest < 0 || head.intendedAtMs < heads[earliest]!.intendedAtMs) earliest = i;
    }
    const drawn = heads[earliest];
    if (drawn === undefined) return;
    yield { index, ...drawn };
    heads[earliest] = sources[earliest]!.next().value;
  }
}
