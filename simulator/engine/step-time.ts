import type { Milliseconds, Tokens } from "#units";

/**
 * How long one step of the batch takes. Fitted from measurements by `simulator/fit/fit.ts`.
 * step = base + perSequence × decodes + perContextToken × context + prefill
 * prefill = max(0, prefillOffset + perPrefillToken × t + perPrefillTokenAboveKnee × max(0, t − knee)), 0 without prefill.
 */
export type StepTimeModel = {
  /** One pass over the weights. */
  readonly baseMs: Milliseconds;
  readonly perSequenceMs: Milliseconds;
  /** Reading the KV cache of the decoding sequences. */
  readonly perContextTokenMs: Milliseconds;
  /** Negative where a small chunk hides behind the pass over the weights. */
  readonly prefillOffsetMs: Milliseconds;
  readonly perPrefillTokenMs: Milliseconds;
  readonly prefillKneeTokens: Tokens;
  readonly perPrefillTokenAboveKneeMs: Milliseconds;
};

/** What one step computes. */
export type StepLoad = {
  /** Sequences that produce their next token from one computed token. */
  readonly decodes: number;
  /** KV tokens of those sequences. */
  readonly contextTokens: Tokens;
  readonly prefillTokens: Tokens;
};

/** Milliseconds that the prefill tokens add to a step. */
export function prefillMs(model: StepTimeModel, tokens: Tokens): Milliseconds {
  if (tokens === 0) return 0;
  const above = Math.max(0, tokens - model.prefillKneeTokens) * model.perPrefillTokenAboveKneeMs;
  return Math.max(0, model.prefillOffsetMs + model.perPrefillTokenMs * tokens + above);
}

export const stepTimeMs = (model: StepTimeModel, load: StepLoad): Milliseconds =>
  model.baseMs +
  model.perSequenceMs * load.decodes +
  model.perContextTokenMs * load.contextTokens +
  prefillMs(model, load.prefillTokens);
