import type { Milliseconds, Tokens } from "#units";
import type { FlowRequest } from "../../flow-request.ts";
import type { Flow } from "../flow.ts";
import { IndexedHeap } from "../indexed-heap.ts";

/** What a request has used, known when it has ended. */
export type ActualTokens = { readonly promptTokens: Tokens; readonly outputTokens: Tokens };

/** Flows with something queued, without those skipped in this pass. */
export type ReadyFlows = {
  readonly has: (flow: Flow) => boolean;
  readonly push: (flow: Flow) => void;
  /** After its head or what the policy knows of it has changed; nothing where it stands outside. */
  readonly update: (flow: Flow) => void;
  /** Before its last request leaves; nothing where it stands outside. */
  readonly remove: (flow: Flow) => void;
  /** The flow that goes next. */
  readonly next: (nowMs: Milliseconds) => Flow | undefined;
};

/** Chooses between the flows of one band that have something queued. One instance a band. */
export type Fairness = {
  readonly ready: ReadyFlows;
  /** A flow was empty and is not any more, or will be charged while it is; it is not yet among the ready ones. */
  readonly joined: (flow: Flow) => void;
  /** One of its requests was dispatched, expected to cost `tokens`. */
  readonly served: (flow: Flow, request: FlowRequest, tokens: Tokens) => void;
  /** A dispatched request has ended. */
  readonly settled: (flow: Flow, request: FlowRequest, actual: ActualTokens, nowMs: Milliseconds) => void;
  /** How long an idle flow is remembered: 0 where nothing about it is, undefined: as the queue's settings say. */
  readonly forgetAfterMs: Milliseconds | undefined;
};

export const nothing = (): void => {};

/** Ready flows whose order does not move with time. */
export class ReadyHeap implements ReadyFlows {
  readonly #heap: IndexedHeap<Flow>;
  readonly #keyOf: (flow: Flow) => number;

  /**
   * @param keyOf lowest first; only `joined`, `served`, `settled` or a new head may change it
   * @param tieBefore true when `a` goes before `b` although their keys are equal
   */
  constructor(keyOf: (flow: Flow) => number, tieBefore: (a: Flow, b: Flow) => boolean) {
    this.#keyOf = keyOf;
    this.#heap = new IndexedHeap(0, tieBefore);
  }

  has(flow: Flow): boolean {
    return this.#heap.has(flow);
  }

  push(flow: Flow): void {
    this.#heap.push(flow, this.#keyOf(flow));
  }

  update(flow: Flow): void {
    this.#heap.update(flow, this.#keyOf(flow));
  }

  remove(flow: Flow): void {
    this.#heap.remove(flow);
  }

  next(): Flow | undefined {
    return this.#heap.first;
  }
}
