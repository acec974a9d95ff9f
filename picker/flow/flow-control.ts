/** What the director asks of flow control, whichever way requests are admitted. */
import type { Endpoint } from "#pool";
import type { Bytes, Milliseconds, Tokens } from "#units";
import type { EndpointMatcher } from "../scheduling/subset.ts";
import type { FlowRequest } from "./flow-request.ts";
import type { FlowStatus } from "./flow-status.ts";
import type { RefusalKind } from "./refusal/outcomes.ts";
import type { TimedRefusal } from "./refusal/refuse.ts";

/** A request that asks to be sent to an endpoint. */
export type FlowAsk = {
  readonly id: string;
  readonly objective: string;
  /** Higher goes first; below 0 is sheddable. */
  readonly priority: number;
  /** Undefined or empty: the tenant is not known, and shares the flow `default-flow`. */
  readonly fairnessId: string | undefined;
  readonly bytes: Bytes;
  readonly promptTokens: Tokens;
  readonly maxOutputTokens: Tokens | undefined;
  readonly arrivedAtMs: Milliseconds;
  /** Of its objective; undefined: none. */
  readonly ttftTargetMs: Milliseconds | undefined;
  readonly tpotTargetMs: Milliseconds | undefined;
  /** As the client sent them. */
  readonly ttlHeader: string | undefined;
  readonly ttftHeader: string | undefined;
};

/**
 * - placed: it has its endpoint and its ledger entry
 * - no-room: endpoints could serve it, and none of them may be sent one more
 * - no-endpoints: its subset of the pool is empty
 * - filtered-out: the filters of its profile leave nothing, whatever has room
 */
export type Placement =
  | { readonly kind: "placed"; readonly endpoint: Endpoint }
  | { readonly kind: "no-room" }
  | { readonly kind: "no-endpoints" }
  | { readonly kind: "filtered-out" };

/** What a decision was made from, for the decision record. */
export type FlowNote = {
  /** `waited`: it was placed after a wait. `client-gone`: its client left while it waited. */
  readonly outcome: RefusalKind | "waited" | "client-gone";
  readonly waitedMs: Milliseconds;
  /** Of the pool at the decision, in [0, 1]. */
  readonly saturation: number;
  /** Queued requests that went before it when it arrived. */
  readonly aheadRequests: number;
  /** At which it waited. */
  readonly priority: number;
};

/** How a request is told what becomes of it: `dispatched`, or `refuse`, exactly once, unless it was cancelled. */
export interface FlowPort {
  /** False: what it is served with says nothing of its endpoint's capacity. */
  readonly teaches?: boolean;
  /**
   * Schedules over the endpoints that `admits` lets through; all where it is undefined. On success it has taken the ledger
   * entry for `request`; `dispatched` follows.
   */
  place(request: FlowRequest, admits: EndpointMatcher | undefined): Placement;
  /** Answers with what was placed. @param note undefined where it did not wait */
  dispatched(note: FlowNote | undefined): void;
  refuse(refusal: TimedRefusal, note: FlowNote): void;
  /** Gives up the request while it is in flight: answers its client as far as it still can, and releases it. */
  evict(refusal: TimedRefusal): void;
}

/** A request that waits. */
export type Waiting = {
  /**
   * Its client left: its place is free at once.
   * @returns undefined once it is decided, and nothing happens
   */
  readonly cancel: () => FlowNote | undefined;
};

/** What a request has used, known when it has ended. Undefined: not seen. */
export type FlowUsage = {
  readonly promptTokens: Tokens | undefined;
  readonly outputTokens: Tokens | undefined;
  /** Mean time per output token after the first. */
  readonly tpotMs: Milliseconds | undefined;
};

/** Lets requests go to endpoints, wait, or be refused. */
export interface FlowControl {
  /** @returns undefined where it was decided before the return */
  submit(ask: FlowAsk, port: FlowPort): Waiting | undefined;
  /** The first token of a placed request passed. */
  firstToken(request: FlowRequest, atMs: Milliseconds): void;
  /** A placed request has ended and its ledger entry is given back. */
  released(request: FlowRequest, usage: FlowUsage): void;
  /** There is a new snapshot of the pool. */
  poolChanged(): void;
  /** A scrape of the endpoint in `slot` was answered just now. */
  noteScrape(slot: number, observedAtMs: Milliseconds): void;
  /** Refuses what waits and what comes; what is in flight goes on. */
  drain(): void;
  status(): FlowStatus;
}
