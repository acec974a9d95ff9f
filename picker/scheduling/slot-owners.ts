import type { Endpoint, PoolSnapshot } from "#pool";

/** Notices which endpoint slots changed hands between two snapshots. */
export class SlotOwners {
  readonly #onReleased: (slot: number) => void;
  #seen: PoolSnapshot | undefined;
  #ids: (string | undefined)[] = [];
  #next: (string | undefined)[] = [];

  /** @param onReleased called for each slot whose endpoint is gone, before another takes it */
  constructor(onReleased: (slot: number) => void) {
    this.#onReleased = onReleased;
  }

  /** Compares with the snapshot of the call before; the same snapshot costs nothing. */
  observe(snapshot: PoolSnapshot): void {
    if (snapshot === this.#seen) return;
    this.#seen = snapshot;
    const next = this.#next;
    next.length = 0;
    for (const { slot, id } of snapshot.endpoints) next[slot] = id;
    for (let slot = 0; slot < this.#ids.length; slot++) {
      const before = this.#ids[slot];
      if (before !== undefined && before !== next[slot]) this.#onReleased(slot);
    }
    this.#next = this.#ids;
    this.#ids = next;
  }

  /** True while the endpoint is the one that holds its slot. */
  owns({ slot, id }: Endpoint): boolean {
    return this.#ids[slot] === id;
  }
}
