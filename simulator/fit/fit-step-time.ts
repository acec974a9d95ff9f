import type { Ratio } from "#units";
import { stepTimeMs } from "../engine/step-time.ts";
import type { StepTimeModel } from "../engine/step-time.ts";
import { leastRelativeSquares, relativeError2 } from "./least-squares.ts";
import type { Equation } from "./least-squares.ts";
import type { Measurement } from "./trace.ts";

/** Median and 90th percentile of |predicted / measured − 1| over the distinct configurations of a group. */
export type FitError = { readonly configurations: number; readonly median: Ratio; readonly p90: Ratio };

export type FittedGroup = {
  readonly group: string;
  readonly stepTime: StepTimeModel;
  readonly promptError: FitError;
  readonly tokenError: FitError;
  /** Batch sizes left out: the measured prompt time falls although the batch grows. */
  readonly excludedBatchSizes: readonly number[];
};

const knees = [256, 512, 1024, 2048, 3072, 4096, 6144, 8192] as const;

const quantile = (values: readonly number[], q: Ratio): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
};

/** The median measurement of each configuration, so that a configuration counts once however often it was repeated. */
function medians(
  rows: readonly Measurement[],
  key: (row: Measurement) => string,
  value: (row: Measurement) => number,
): readonly { readonly row: Measurement; readonly value: number }[] {
  const byKey = new Map<string, Measurement[]>();
  for (const row of rows) byKey.set(key(row), [...(byKey.get(key(row)) ?? []), row]);
  return [...byKey.values()].map((same) => ({ row: same[0]!, value: quantile(same.map(value), 0.5) }));
}

const promptKey = (row: Measurement): string => `${row.promptTokens} ${row.batchSize}`;
const tokenKey = (row: Measurement): string => `${promptKey(row)} ${row.outputTokens}`;

/** Batches whose times cannot be those of the whole: most likely they did not fit in memory and ran in parts. */
function overfullBatches(rows: readonly Measurement[]): readonly number[] {
  const points = medians(rows, promptKey, (row) => row.promptMs);
  return points
    .filter(({ row, value }) =>
      points.some(
        (other) =>
          other.row.promptTokens === row.promptTokens && other.row.batchSize < row.batchSize && other.value > value,
      ),
    )
    .map(({ row }) => row.batchSize);
}

/** Mean KV tokens that the batch reads for one output token. */
const contextOf = (row: Measurement): number => row.batchSize * (row.promptTokens + row.outputTokens / 2);

const round = (value: number): number => Number(value.toPrecision(4));

function fitPrefill(points: readonly { readonly row: Measurement; readonly value: number }[]) {
  let best = { coefficients: [0, 0, 0] as readonly number[], knee: 0, error: Infinity };
  for (const knee of knees) {
    const equations = points.map(({ row, value }): Equation => {
      const tokens = row.promptTokens * row.batchSize;
      return { terms: [1, tokens, Math.max(0, tokens - knee)], value };
    });
    const coefficients = leastRelativeSquares(equations);
    const error = relativeError2(equations, coefficients);
    if (error < best.error) best = { coefficients, knee, error };
  }
  return best;
}

const errorOf = (
  points: readonly { readonly row: Measurement; readonly value: number }[],
  predict: (row: Measurement) => number,
): FitError => {
  const errors = points.map(({ row, value }) => Math.abs(predict(row) / value - 1));
  return { configurations: errors.length, median: quantile(errors, 0.5), p90: quantile(errors, 0.9) };
};

/** Fits the step-time model to the measurements of one model on one hardware. */
export function fitStepTime(group: string, all: readonly Measurement[]): FittedGroup {
  const excludedBatchSizes = overfullBatches(all);
  const rows = all.filter(({ batchSize }) => !excludedBatchSizes.includes(batchSize));
  const tokens = medians(rows, tokenKey, (row) => row.tokenMs);
  const prompts = medians(rows, promptKey, (row) => row.promptMs);
  const [base = 0, perSequence = 0, perContextToken = 0] = leastRelativeSquares(
    tokens.map(({ row, value }) => ({ terms: [1, row.batchSize, contextOf(row)], value })),
  );
  const { coefficients, knee } = fitPrefill(prompts);
  const [intercept = 0, perPrefillToken = 0, aboveKnee = 0] = coefficients;
  const stepTime: StepTimeModel = {
    baseMs: round(base),
    perSequenceMs: round(perSequence),
    perContextTokenMs: round(perContextToken),
    prefillOffsetMs: round(intercept - base),
    perPrefillTokenMs: round(perPrefillToken),
    prefillKneeTokens: knee,
    perPrefillTokenAboveKneeMs: round(aboveKnee),
  };
  return {
    group,
    stepTime,
    excludedBatchSizes,
    promptError: errorOf(prompts, (row) =>
      stepTimeMs(stepTime, { decodes: 0, contextTokens: 0, prefillTokens: row.promptTokens * row.batchSize }),
    ),
    tokenError: errorOf(tokens, (row) =>
      stepTimeMs(stepTime, { decodes: row.batchSize, contextTokens: contextOf(row), prefillTokens: 0 }),
    ),
  };
}

/** Fits every group of a trace, in the order of their names. */
export function fitTrace(measurements: readonly Measurement[]): readonly FittedGroup[] {
  const groups = Map.groupBy(measurements, ({ group }) => group);
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([group, rows]) => fitStepTime(group, rows));
}
