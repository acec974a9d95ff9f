import type { RefusalReason } from "#objective";
import type { Seconds } from "#units";

/** An answer to the client instead of a destination. */
export type Refusal = {
  readonly kind: "refuse";
  readonly status: 400 | 413 | 429 | 503;
  /** `invalid`: the client's mistake, outside every ratio. */
  readonly reason: RefusalReason | "invalid";
  /** Value of `x-llm-d-request-dropped-reason`; undefined where the field sends none. */
  readonly droppedReason: string | undefined;
  readonly message: string;
  /** Value of `retry-after`; undefined: none. */
  readonly retryAfterSeconds: Seconds | undefined;
};
