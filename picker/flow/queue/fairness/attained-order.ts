import type { Milliseconds, Ratio } from "#units";
import { hasEarlierHead, type Flow } from "../flow.ts";
import { IndexedHeap } from "../indexed-heap.ts";
import type { ReadyFlows } from "./fairness.ts";

export type AttainedWeights = { readonly serviceWeight: Ratio; readonly headWaitWeight: Ratio };

/** By how much the proportion of the two weights may differ from the one that flows were last ranked by. */
const tolerance = 1.05;

const headArrivedAtMs = (flow: Flow): Milliseconds => flow.queue.first!.request.arrivedAtMs;

/**
 * Ready flows by `serviceWeight · service / largest + headWaitWeight · arrival of the head / longest wait`, lowest first. All
 * service fades alike and all heads age alike, so the order changes with time only as the largest service and the longest
 * wait do, which weigh the two terms. Flows are ranked anew when that proportion has moved by 5 %: the score of the flow
 * that goes next is at most 5 % of the head-wait weight below the best. O(log n), and O(n) for ranking anew.
 */
export class AttainedOrder implements ReadyFlows {
  readonly #weights: AttainedWeights;
  readonly #byScore = new IndexedHeap<Flow>(0, hasEarlierHead);
  /** Most service first. */
  readonly #byService = new IndexedHeap<Flow>(1, () => false);
  readonly #byArrival = new IndexedHeap<Flow>(2, () => false);
  readonly #serviceOf: (flow: Flow) => number;
  readonly #scoreOf = (flow: Flow): number => this.#score(flow, this.#serviceOf(flow));
  #perService = 0;
  #perMs = 0;
  #originMs: Milliseconds = 0;

  /** @param serviceOf attained service as it will be, or was, at one instant that is the same for all flows */
  constructor(weights: AttainedWeights, serviceOf: (flow: Flow) => number) {
    this.#weights = weights;
    this.#serviceOf = serviceOf;
  }

  has(flow: Flow): boolean {
    return this.#byScore.has(flow);
  }

  push(flow: Flow): void {
    const service = this.#serviceOf(flow);
    this.#byScore.push(flow, this.#score(flow, service));
    this.#byService.push(flow, 0 - service);
    this.#byArrival.push(flow, headArrivedAtMs(flow));
  }

  update(flow: Flow): void {
    if (!this.has(flow)) return;
    const service = this.#serviceOf(flow);
    this.#byScore.update(flow, this.#score(flow, service));
    this.#byService.update(flow, 0 - service);
    this.#byArrival.update(flow, headArrivedAtMs(flow));
  }

  remove(flow: Flow): void {
    this.#byScore.remove(flow);
    this.#byService.remove(flow);
    this.#byArrival.remove(flow);
  }

  next(nowMs: Milliseconds): Flow | undefined {
    const oldestMs = this.#byArrival.firstKey;
    if (oldestMs === undefined) return undefined;
    const mostService = 0 - this.#byService.firstKey!;
    const longestMs = nowMs - oldestMs;
    const perService = mostService > 0 ? this.#weights.serviceWeight / mostService : 0;
    const perMs = longestMs > 0 ? this.#weights.headWaitWeight / longestMs : 0;
    if (this.#hasMoved(perService, perMs)) {
      this.#perService = perService;
      this.#perMs = perMs;
      this.#originMs = oldestMs;
      this.#byScore.rebuild(this.#scoreOf);
    }
    return this.#byScore.first;
  }

  /** The instant that `serviceOf` tells of is another one. */
  rebase(): void {
    this.#perService = 0;
    this.#perMs = 0;
    this.#byService.rebuild((flow) => 0 - this.#serviceOf(flow));
    this.#byScore.rebuild(this.#scoreOf);
  }

  #score(flow: Flow, service: number): number {
    return this.#perService * service + this.#perMs * (headArrivedAtMs(flow) - this.#originMs);
  }

  #hasMoved(perService: number, perMs: number): boolean {
    if (this.#perService === 0 && this.#perMs === 0) return perService > 0 || perMs > 0;
    const left = perService * this.#perMs;
    const right = this.#perService * perMs;
    return left > tolerance * right || right > tolerance * left;
  }
}
