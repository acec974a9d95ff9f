/** One request as flow control sees it: who it belongs to, what it costs, and by when it must go. */
import type { Bytes, Milliseconds, Tokens } from "#units";

/** Immutable; identity (`===`) is the request. */
export type FlowRequest = {
  /** Value of `x-llm-d-inference-fairness-id`, or `default-flow`. */
  readonly fairnessId: string;
  /** Higher goes first; below 0 is sheddable. */
  readonly priority: number;
  readonly id: string;
  readonly objective: string;
  /** Size of the request body. */
  readonly bytes: Bytes;
  readonly promptTokens: Tokens;
  /** Expected length of the answer. */
  readonly expectedOutputTokens: Tokens;
  readonly arrivedAtMs: Milliseconds;
  /** It leaves the queue unserved at this instant; undefined: it may wait as long as its client does. */
  readonly expiresAtMs: Milliseconds | undefined;
  /** Instant of arrival plus its TTFT target; undefined where it has none. */
  readonly ttftDeadlineAtMs: Milliseconds | undefined;
};
