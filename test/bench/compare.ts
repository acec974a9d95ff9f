/** One comparison: both closures do the same work; each returns a value that depends on it, so nothing is optimised away. */
export type BenchCase = {
  readonly name: string;
  readonly baseline: () => unknown;
  readonly candidate: () => unknown;
  /** What the baseline is, in a few words. */
  readonly baselineName: string;
  readonly note?: string;
};

/** One hot path. `cases` is called once, so that set-up costs nothing until the bench runs. */
export type Bench = { readonly name: string; readonly cases: () => readonly BenchCase[] };

/** Medians over the interleaved rounds; bytes are heap growth per operation, 0 where a collection hid it. */
export type BenchResult = {
  readonly bench: string;
  readonly case: string;
  readonly baselineName: string;
  readonly candidateNs: number;
  readonly candidateMinNs: number;
  readonly candidateMaxNs: number;
  readonly baselineNs: number;
  readonly ratio: number;
  readonly candidateBytes: number;
  readonly baselineBytes: number;
};

const rounds = 25;
const roundNs = 4e6;

let sink: unknown;

function runFor(operation: () => unknown, iterations: number): { readonly ns: number; readonly bytes: number } {
  const heapBefore = process.memoryUsage().heapUsed;
  const startedNs = process.hrtime.bigint();
  for (let i = 0; i < iterations; i++) sink = operation();
  const ns = Number(process.hrtime.bigint() - startedNs);
  return { ns: ns / iterations, bytes: Math.max(0, process.memoryUsage().heapUsed - heapBefore) / iterations };
}

/** Iterations that fill one round, found by doubling; also the warm-up. */
function calibrate(operation: () => unknown): number {
  let iterations = 1;
  for (;;) {
    const { ns } = runFor(operation, iterations);
    if (ns * iterations > roundNs || iterations > 1 << 24) break;
    iterations *= 2;
  }
  return Math.max(1, iterations >> 1);
}

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
};

/** Runs baseline and candidate in turn, so that a drift of the machine's speed meets both. */
export function compare(bench: string, one: BenchCase): BenchResult {
  const candidateIterations = calibrate(one.candidate);
  const baselineIterations = calibrate(one.baseline);
  const candidate: { ns: number; bytes: number }[] = [];
  const baseline: { ns: number; bytes: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    candidate.push(runFor(one.candidate, candidateIterations));
    baseline.push(runFor(one.baseline, baselineIterations));
  }
  const candidateNs = candidate.map(({ ns }) => ns);
  const baselineNs = baseline.map(({ ns }) => ns);
  return {
    bench,
    case: one.name,
    baselineName: one.baselineName,
    candidateNs: median(candidateNs),
    candidateMinNs: Math.min(...candidateNs),
    candidateMaxNs: Math.max(...candidateNs),
    baselineNs: median(baselineNs),
    ratio: median(candidateNs.map((ns, round) => ns / (baselineNs[round] ?? Number.NaN))),
    candidateBytes: median(candidate.map(({ bytes }) => bytes)),
    baselineBytes: median(baseline.map(({ bytes }) => bytes)),
  };
}

/** Keeps the last result reachable. */
export const lastResult = (): unknown => sink;
