/** What flow control tells of each request, as it happens. */
import type { Milliseconds, Tokens } from "#units";
import type { FlowRequest } from "./flow-request.ts";
import { refusalKinds, type RefusalKind } from "./refusal/outcomes.ts";

/** How a request left flow control; each leaves once. `client-gone`: its client left while it waited. */
export type FlowOutcome = "dispatched" | "client-gone" | RefusalKind;
/** Every outcome, in the order of label values. */
export const flowOutcomes = ["dispatched", "client-gone", ...refusalKinds] as const satisfies readonly FlowOutcome[];

/** All are called on the request path: they count, and nothing else. */
export type FlowEvents = {
  /** @param waitedMs in the queue; 0 where it did not wait */
  readonly left: (request: FlowRequest, outcome: FlowOutcome, waitedMs: Milliseconds) => void;
  /** A request in flight was given up for a more important one. */
  readonly evicted: (request: FlowRequest) => void;
  /** It goes on waiting at a lower priority, since it can no longer be in time. */
  readonly demoted: (from: FlowRequest, to: FlowRequest) => void;
  /** Observe-only: what enforcing would have done. */
  readonly would: (request: FlowRequest, outcome: FlowOutcome, waitedMs: Milliseconds) => void;
  /** Observe-only: whether its first token would have been in time, for requests with a TTFT target that would be served. */
  readonly wouldTtft: (request: FlowRequest, verdict: "met" | "missed") => void;
};

/** Tokens that a request was charged when it was dispatched. */
export const chargedTokens = ({ promptTokens, expectedOutputTokens }: FlowRequest): Tokens =>
  promptTokens + expectedOutputTokens;

/** For those who are not interested. */
export const noFlowEvents: FlowEvents = {
  left: () => {},
  evicted: () => {},
  demoted: () => {},
  would: () => {},
  wouldTtft: () => {},
};
