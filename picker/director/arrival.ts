import type { HeaderView, JsonObject, JsonValue } from "#extproc";
import type { ObjectiveEntry, RefusalReason } from "#objective";
import type { Endpoint } from "#pool";
import type { Milliseconds, Tokens } from "#units";
import type { LedgerEntry } from "../flow/ledger.ts";
import type { Api } from "../request/request.ts";
import type { CandidateScores } from "../scheduling/candidate-scores.ts";

/** One request as its headers describe it. */
export type Arrival = {
  readonly id: string;
  /** Monotonic instant at which the request headers were handled. */
  readonly arrivedAtMs: Milliseconds;
  readonly method: string;
  readonly path: string;
  readonly api: Api;
  readonly headers: HeaderView;
  readonly objective: ObjectiveEntry;
  /** The proxy's candidate restriction, undefined where it gave none. Source: endpoint picker protocol, subset hint. */
  readonly subsetHint: JsonValue | undefined;
};

/** Where the request goes, and what it holds until it ends. */
export type Route = {
  readonly kind: "route";
  readonly endpoint: Endpoint;
  /** Value of the destination header: one endpoint, or an ordered list where fallbacks are on. */
  readonly destination: string;
  /** Beside the destination in the dynamic metadata; undefined unless scores are emitted. */
  readonly scores: JsonObject | undefined;
  readonly entry: LedgerEntry;
  /** As the client wrote it; undefined where the body was not read. */
  readonly model: string | undefined;
  readonly promptTokens: Tokens;
  readonly decidedAtMs: Milliseconds;
};

/** An answer to the client instead of a destination. */
export type Refusal = {
  readonly kind: "refuse";
  readonly status: 400 | 413 | 429 | 503;
  /** `invalid`: the client's mistake, outside every ratio. */
  readonly reason: RefusalReason | "invalid";
  /** Value of `x-llm-d-request-dropped-reason`; undefined where the field sends none. */
  readonly droppedReason: string | undefined;
  readonly message: string;
};

export type Decision = Route | Refusal;

/** A decision, and what it teaches, to be called once after the reply is on its way. Holds the body: do not keep it. */
export type Decided = {
  readonly decision: Decision;
  readonly learn?: () => void;
  /** What was decided over; undefined where no endpoint was looked for, or nothing is recorded. */
  readonly considered?: CandidateScores | undefined;
};
