import type { Flow } from "./flow.ts";

/** Flows with nothing queued, in the order in which they became idle. */
export class IdleFlows {
  #first: Flow | undefined;
  #last: Flow | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The one idle longest. */
  get first(): Flow | undefined {
    return this.#first;
  }

  /** Counts as idle from now on, whether or not it was before. */
  add(flow: Flow): void {
    this.remove(flow);
    flow.isIdle = true;
    flow.idleBefore = this.#last;
    if (this.#last === undefined) this.#first = flow;
    else this.#last.idleAfter = flow;
    this.#last = flow;
    this.#size += 1;
  }

  remove(flow: Flow): void {
    flow.idleSinceMs = undefined;
    if (!flow.isIdle) return;
    const { idleBefore, idleAfter } = flow;
    if (idleBefore === undefined) this.#first = idleAfter;
    else idleBefore.idleAfter = idleAfter;
    if (idleAfter === undefined) this.#last = idleBefore;
    else idleAfter.idleBefore = idleBefore;
    flow.isIdle = false;
    flow.idleBefore = undefined;
    flow.idleAfter = undefined;
    this.#size -= 1;
  }
}
