import type { Milliseconds, Ratio, Tokens } from "#units";
import type { StepTimeModel } from "./step-time.ts";

/** Fixed properties of one simulated engine. */
export type EngineConfig = {
  /** Sequences in the running batch at most. */
  readonly maxNumSeqs: number;
  /** Tokens computed in one step at most; a longer prefill is split into chunks. */
  readonly maxNumBatchedTokens: Tokens;
  /** Prompt and output together. */
  readonly maxModelLen: Tokens;
  readonly maxWaitingRequests: number;
  readonly blockSize: Tokens;
  readonly numGpuBlocks: number;
  /** Adapters resident at the same time. */
  readonly maxLoras: number;
  /** Added to the step that brings an adapter in. */
  readonly loraLoadMs: Milliseconds;
  readonly prefixCaching: boolean;
  /** Each step's time is multiplied by 1 ± up to this much. */
  readonly stepJitterRatio: Ratio;
  readonly stepTime: StepTimeModel;
};

/** What an engine cannot run with: the field, and what is wrong with its value. */
export type EngineConfigProblem = { readonly field: keyof EngineConfig; readonly problem: string };

/** Everything that is wrong with a configuration; empty when an engine can run with it. */
export function engineConfigProblems(config: EngineConfig): readonly EngineConfigProblem[] {
  const problems: EngineConfigProblem[] = [];
  for (const field of ["maxNumSeqs", "maxModelLen", "blockSize", "numGpuBlocks", "maxLoras"] as const) {
    const value = config[field];
    if (!Number.isInteger(value) || value < 1) {
      problems.push({ field, problem: `${value} is not a whole number of at least 1` });
    }
  }
  if (config.maxNumBatchedTokens < config.maxNumSeqs) {
    const problem = `${config.maxNumBatchedTokens} leaves no token for each of maxNumSeqs ${config.maxNumSeqs} sequences`;
    problems.push({ field: "maxNumBatchedTokens", problem });
  }
  return problems;
}

/** Why a request stopped: its natural end, its limit, or the client. */
export type FinishReason = "stop" | "length" | "abort";

/** One sequence to generate. What it will produce is decided before it starts; when is up to the engine. */
export type EngineRequest = {
  readonly id: string;
  readonly promptTokens: Tokens;
  /** 0: the prompt is computed and nothing is generated (embeddings). */
  readonly outputTokens: Tokens;
  readonly finishReason: Exclude<FinishReason, "abort">;
  /**
   * Hash of each full block over prompt and output, as far as it is known. Blocks beyond the end of the array are never
   * shared.
   */
  readonly blockHashes: ArrayLike<number>;
  /** LoRA adapter; undefined for the base model. */
  readonly adapter: string | undefined;
};

export type SubmitResult =
  | { readonly kind: "accepted" }
  | { readonly kind: "rejected"; readonly reason: "queue-full" | "too-long" };

/** What happened to a request, in the order of time. */
export type EngineEvent =
  | {
      readonly kind: "token";
      readonly id: string;
      readonly atMs: Milliseconds;
      /** Counts from 1. */
      readonly index: number;
      /** Since the token before; since submission for the first. */
      readonly sinceMs: Milliseconds;
      /** Prompt tokens that came from the prefix cache when the request first ran. */
      readonly cachedTokens: Tokens;
    }
  | { readonly kind: "preempted"; readonly id: string; readonly atMs: Milliseconds }
  | {
      readonly kind: "finished";
      readonly id: string;
      readonly atMs: Milliseconds;
      readonly reason: FinishReason;
      readonly promptTokens: Tokens;
      readonly outputTokens: Tokens;
      readonly cachedTokens: Tokens;
      readonly submittedAtMs: Milliseconds;
      /** Start of the first step that computed some of it; undefined when it never ran. */
      readonly scheduledAtMs: Milliseconds | undefined;
      readonly firstTokenAtMs: Milliseconds | undefined;
    };

/** A reading of the engine between two steps, or during one. */
export type EngineState = {
  readonly runningRequests: number;
  readonly waitingRequests: number;
  readonly kvCacheUsageRatio: Ratio;
  readonly usedBlocks: number;
  /** Blocks that hold a reusable prefix and belong to no request. */
  readonly cachedBlocks: number;
  readonly runningAdapters: readonly string[];
  readonly waitingAdapters: readonly string[];
  readonly totals: EngineTotals;
};

/** Counts since the start. */
export type EngineTotals = {
  readonly promptTokens: Tokens;
  readonly generatedTokens: Tokens;
  readonly preemptions: number;
  /** Prompt tokens looked up in, and served by, the prefix cache. */
  readonly prefixQueriedTokens: Tokens;
  readonly prefixHitTokens: Tokens;
};
