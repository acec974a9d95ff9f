import type { Milliseconds } from "#units";

type Timer = { readonly atMs: Milliseconds; readonly sequence: number; run: (() => void) | undefined };

const isBefore = (a: Timer, b: Timer): boolean => (a.atMs === b.atMs ? a.sequence < b.sequence : a.atMs < b.atMs);

/** Time that passes only where something happens. Timers of one instant run in the order in which they were set. */
export class VirtualClock {
  #nowMs: Milliseconds = 0;
  #sequence = 0;
  readonly #heap: Timer[] = [];

  readonly now = (): Milliseconds => this.#nowMs;

  /** @returns what cancels it; cancelling what has run does nothing */
  readonly after = (delayMs: Milliseconds, run: () => void): (() => void) => {
    const timer: Timer = { atMs: this.#nowMs + Math.max(0, delayMs), sequence: this.#sequence++, run };
    this.#push(timer);
    return () => void (timer.run = undefined);
  };

  /** Runs what is due up to and at `untilMs`, and stands there. */
  runUntil(untilMs: Milliseconds): void {
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= untilMs; next = this.#heap[0]) {
      this.#pop();
      this.#nowMs = next.atMs;
      next.run?.();
    }
    this.#nowMs = untilMs;
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(timer, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = timer;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}
