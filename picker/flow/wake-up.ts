import type { Milliseconds } from "#units";

/** Runs something later. */
export interface AfterTimer {
  /** @returns cancels it */
  after(delayMs: Milliseconds, run: () => void): () => void;
}

/** One timer for the earliest of several instants. It may run early for an instant that has lost its point. */
export class WakeUp {
  readonly #timers: AfterTimer;
  readonly #now: () => Milliseconds;
  readonly #run: () => void;
  #atMs: Milliseconds = Infinity;
  #cancel: () => void = () => {};

  constructor(timers: AfterTimer, now: () => Milliseconds, run: () => void) {
    this.#timers = timers;
    this.#now = now;
    this.#run = run;
  }

  /** Runs at this instant or before. */
  at(atMs: Milliseconds): void {
    if (atMs >= this.#atMs) return;
    this.#cancel();
    this.#atMs = atMs;
    this.#cancel = this.#timers.after(Math.max(0, atMs - this.#now()), () => {
      this.#atMs = Infinity;
      this.#run();
    });
  }

  stop(): void {
    this.#cancel();
    this.#atMs = Infinity;
  }
}
