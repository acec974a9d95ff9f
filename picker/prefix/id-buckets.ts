/**
 * Open addressing with linear probing from 32-bit keys to small ids. The keys stay with the caller, by id; buckets hold
 * id + 1, and 0 where they are free. At most half full.
 */
export class IdBuckets {
  /** Read by the caller's own probe loop, from `home(key)` to the first 0. */
  buckets = new Int32Array(16);
  mask = 15;
  #shift = 28;
  #size = 0;

  /** The bucket at which probing for a key starts. */
  home(key: number): number {
    return Math.imul(key, 0x9e3779b1) >>> this.#shift;
  }

  insert(id: number, keys: Int32Array): void {
    if (++this.#size * 2 > this.buckets.length) this.#grow(keys);
    this.#place(id, keys);
  }

  /** Closes the gap by moving later entries back, so that no tombstone is left. */
  remove(id: number, keys: Int32Array): void {
    const { buckets, mask } = this;
    let gap = this.home(keys[id]!);
    while (buckets[gap] !== id + 1) gap = (gap + 1) & mask;
    for (let at = (gap + 1) & mask; buckets[at] !== 0; at = (at + 1) & mask) {
      const home = this.home(keys[buckets[at]! - 1]!);
      if (((at - home) & mask) < ((at - gap) & mask)) continue;
      buckets[gap] = buckets[at]!;
      gap = at;
    }
    buckets[gap] = 0;
    this.#size--;
  }

  #place(id: number, keys: Int32Array): void {
    let at = this.home(keys[id]!);
    while (this.buckets[at] !== 0) at = (at + 1) & this.mask;
    this.buckets[at] = id + 1;
  }

  #grow(keys: Int32Array): void {
    const old = this.buckets;
    this.buckets = new Int32Array(old.length * 2);
    this.mask = this.buckets.length - 1;
    this.#shift--;
    for (const entry of old) if (entry !== 0) this.#place(entry - 1, keys);
  }
}
