import type { Clock, Timers } from "#shell";

type Planned = { readonly atMs: number; readonly order: number; readonly run: () => void };

/** A clock and timers that move only when a test says so. */
export class ManualTime implements Clock, Timers {
  #nowMs = 0;
  #order = 0;
  #planned: Planned[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#nowMs;
  }

  /** Timers that have not run yet. */
  get pending(): number {
    return this.#planned.length;
  }

  after(delayMs: number, run: () => void): () => void {
    const planned = { atMs: this.#nowMs + delayMs, order: this.#order++, run };
    this.#planned.push(planned);
    return () => {
      this.#planned = this.#planned.filter((other) => other !== planned);
    };
  }

  /** Moves on and runs what becomes due, in order of time. */
  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    for (;;) {
      const next = this.#planned
        .filter(({ atMs }) => atMs <= untilMs)
        .toSorted((a, b) => a.atMs - b.atMs || a.order - b.order)[0];
      if (next === undefined) break;
      this.#planned = this.#planned.filter((other) => other !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
    }
    this.#nowMs = untilMs;
  }
}
