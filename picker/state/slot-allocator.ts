/** Gives out the smallest free slot numbers. A returned slot is given out again only once nothing of it is in flight. */
export class SlotAllocator {
  readonly #isIdle: (slot: number) => boolean;
  readonly #returned = new Set<number>();
  #next = 0;

  constructor(isIdle: (slot: number) => boolean) {
    this.#isIdle = isIdle;
  }

  take(): number {
    let smallest: number | undefined;
    for (const slot of this.#returned) {
      if ((smallest === undefined || slot < smallest) && this.#isIdle(slot)) smallest = slot;
    }
    if (smallest === undefined) return this.#next++;
    this.#returned.delete(smallest);
    return smallest;
  }

  release(slot: number): void {
    this.#returned.add(slot);
  }
}
