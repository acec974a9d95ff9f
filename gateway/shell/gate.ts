/** Why a side is not read at the moment. */
export type Blocker = "client" | "processor" | "upstream";

/** Keeps a source paused while anything that takes from it is full. */
export class Gate {
  readonly #blockers = new Set<Blocker>();
  readonly #pause: () => void;
  readonly #resume: () => void;

  constructor(pause: () => void, resume: () => void) {
    this.#pause = pause;
    this.#resume = resume;
  }

  get isBlocked(): boolean {
    return this.#blockers.size > 0;
  }

  block(blocker: Blocker): void {
    if (this.#blockers.size === 0) this.#pause();
    this.#blockers.add(blocker);
  }

  unblock(blocker: Blocker): void {
    if (this.#blockers.delete(blocker) && this.#blockers.size === 0) this.#resume();
  }
}
