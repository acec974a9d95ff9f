/** Limits how many of something run at once; the rest wait in order. */
export class Permits {
  #free: number;
  #waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.#free = limit;
  }

  /** Runs it now or when a permit is free. @returns withdraws it; does nothing once it ran */
  acquire(run: () => void): () => void {
    if (this.#free > 0) {
      this.#free--;
      run();
      return () => undefined;
    }
    this.#waiting.push(run);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== run);
    };
  }

  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}
