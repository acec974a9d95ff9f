import type { HeaderView, JsonObject, JsonValue } from "#extproc";
import type { ObjectiveEntry } from "#objective";
import type { Endpoint } from "#pool";
import type { Milliseconds, Tokens } from "#units";
import type { FlowNote } from "../flow/flow-control.ts";
import type { FlowRequest } from "../flow/flow-request.ts";
import type { LedgerEntry } from "../flow/ledger.ts";
import type { Refusal } from "../flow/refusal/refusal.ts";
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
  /** At which it goes: its objective's, or less where its client is not trusted with that. */
  readonly priority: number;
  /** Set where it is refused whatever it asks for. */
  readonly refusal: Refusal | undefined;
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
  /** As flow control knows it. */
  readonly flow: FlowRequest;
  /** As the client wrote it; undefined where the body was not read. */
  readonly model: string | undefined;
  readonly promptTokens: Tokens;
  readonly decidedAtMs: Milliseconds;
};

export type Decision = Route | Refusal;

/** A decision, and what it teaches, to be called once after the reply is on its way. Holds the body: do not keep it. */
export type Decided = {
  readonly decision: Decision;
  readonly learn?: () => void;
  /** What was decided over; undefined where no endpoint was looked for, or nothing is recorded. */
  readonly considered?: CandidateScores | undefined;
  /** What flow control decided from; undefined where it was placed at once, or never came to it. */
  readonly flow?: FlowNote | undefined;
};
