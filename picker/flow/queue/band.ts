import type { Bytes, Milliseconds, Tokens } from "#units";
import type { FlowRequest } from "../flow-request.ts";
import { createFairness } from "./fairness/create-fairness.ts";
import type { ActualTokens, Fairness, ReadyFlows } from "./fairness/fairness.ts";
import { orderKeyOf, type Flow, type Queued } from "./flow.ts";
import { FlowTable } from "./flow-table.ts";
import { IdleFlows } from "./idle-flows.ts";
import type { BandSettings } from "./settings.ts";

/** The flows of one priority, exact sums over what they hold, and all of it in the order of enqueueing. */
export class Band {
  readonly priority: number;
  readonly settings: BandSettings;
  /** From the settings rather than from a request; never removed. */
  readonly isStatic: boolean;
  requests = 0;
  bytes: Bytes = 0;
  tokens: Tokens = 0;
  oldest: Queued | undefined;
  youngest: Queued | undefined;
  /** When a sweep first found it empty. */
  idleSinceMs: Milliseconds | undefined;
  /** Tokens by which it is behind its minimum share; below 0: ahead of it. */
  credit: Tokens = 0;
  /** Its turn for the minimum share came last when it could not go. */
  isHeldBack = false;
  readonly #fairness: Fairness;
  readonly #ready: ReadyFlows;
  readonly #maxIdleFlows: number;
  readonly #flows: FlowTable;
  readonly #idle = new IdleFlows();
  readonly #skipped: Flow[] = [];

  constructor(priority: number, settings: BandSettings, isStatic: boolean, maxIdleFlows: number) {
    this.priority = priority;
    this.settings = settings;
    this.isStatic = isStatic;
    this.#maxIdleFlows = maxIdleFlows;
    this.#fairness = createFairness(settings.fairness);
    this.#ready = this.#fairness.ready;
    this.#flows = new FlowTable(settings.fairness.kind === "weighted-cost");
  }

  /** Flows with something queued. */
  get busyFlows(): number {
    return this.#flows.size - this.#idle.size;
  }

  get idleFlows(): number {
    return this.#idle.size;
  }

  /** Requests of the same flow. */
  queuedOf(request: FlowRequest): number {
    return this.#flows.get(request)?.queue.items.length ?? 0;
  }

  add(queued: Queued): void {
    const { request, tokens } = queued;
    const flow = this.#flows.provide(request);
    queued.flow = flow;
    queued.older = this.youngest;
    if (this.youngest === undefined) this.oldest = queued;
    else this.youngest.younger = queued;
    this.youngest = queued;
    this.requests += 1;
    this.bytes += request.bytes;
    this.tokens += tokens;
    this.idleSinceMs = undefined;
    const wasEmpty = flow.queue.first === undefined;
    flow.queue.push(queued, orderKeyOf(this.settings.ordering, queued));
    if (!wasEmpty) {
      if (flow.queue.first === queued) this.#ready.update(flow);
      return;
    }
    this.#idle.remove(flow);
    this.#fairness.joined(flow);
    this.#ready.push(flow);
  }

  /** @param served true: it was dispatched and its flow pays for it */
  delete(queued: Queued, served: boolean): void {
    const { request, flow, tokens, older, younger } = queued;
    if (older === undefined) this.oldest = younger;
    else older.younger = younger;
    if (younger === undefined) this.youngest = older;
    else younger.older = older;
    this.requests -= 1;
    this.bytes = this.requests === 0 ? 0 : this.bytes - request.bytes;
    this.tokens = this.requests === 0 ? 0 : this.tokens - tokens;
    if (served) this.#fairness.served(flow, request, tokens);
    const isLast = flow.queue.items.length === 1;
    if (isLast) this.#ready.remove(flow);
    flow.queue.remove(queued);
    if (isLast) this.#leave(flow);
    else this.#ready.update(flow);
  }

  /** Charges a request that is dispatched without having been queued. */
  pass(request: FlowRequest, tokens: Tokens): void {
    this.idleSinceMs = undefined;
    const flow = this.#flows.provide(request);
    const isEmpty = flow.queue.first === undefined;
    if (isEmpty) this.#fairness.joined(flow);
    this.#fairness.served(flow, request, tokens);
    if (isEmpty) this.#leave(flow);
    else this.#ready.update(flow);
  }

  /** The request to dispatch next; undefined when nothing waits outside skipped flows. */
  head(nowMs: Milliseconds): Queued | undefined {
    return this.#ready.next(nowMs)?.queue.first;
  }

  /** Passes over a flow until the next pass. */
  skip(flow: Flow): void {
    if (flow.skipped) return;
    flow.skipped = true;
    this.#ready.remove(flow);
    this.#skipped.push(flow);
  }

  beginPass(): void {
    for (const flow of this.#skipped) {
      flow.skipped = false;
      if (flow.queue.first !== undefined && !this.#ready.has(flow)) this.#ready.push(flow);
    }
    this.#skipped.length = 0;
  }

  /** Nothing where the flow is forgotten. */
  settle(request: FlowRequest, actual: ActualTokens, nowMs: Milliseconds): void {
    const flow = this.#flows.get(request);
    if (flow === undefined) return;
    this.#fairness.settled(flow, request, actual, nowMs);
    this.#ready.update(flow);
  }

  /** Forgets the flows that have stayed idle since a sweep at least `idleFlowMs` ago. */
  sweepFlows(nowMs: Milliseconds, idleFlowMs: Milliseconds): void {
    const forgetAfterMs = this.#fairness.forgetAfterMs ?? idleFlowMs;
    let flow = this.#idle.first;
    while (flow !== undefined) {
      const next = flow.idleAfter;
      flow.idleSinceMs ??= nowMs;
      if (nowMs - flow.idleSinceMs >= forgetAfterMs) this.#forget(flow);
      flow = next;
    }
  }

  #leave(flow: Flow): void {
    flow.skipped = false;
    if (this.#fairness.forgetAfterMs === 0) return this.#forget(flow);
    this.#idle.add(flow);
    if (this.#idle.size > this.#maxIdleFlows) this.#forget(this.#idle.first!);
  }

  #forget(flow: Flow): void {
    this.#idle.remove(flow);
    this.#flows.forget(flow);
  }
}
