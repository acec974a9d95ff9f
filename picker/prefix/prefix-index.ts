import type { Bytes } from "#units";
import { BlockLru, wasAdded, wasThere } from "./block-lru.ts";
import { BlockTable } from "./block-table.ts";

/** Fingerprints of consecutive blocks, the first `count` entries of both. */
export type Fingerprints = { readonly lo: Int32Array; readonly hi: Int32Array; readonly count: number };

const tableBits = 6;
const tableOf = (hi: number): number => hi & ((1 << tableBits) - 1);

/**
 * Which endpoint is believed to hold which blocks, by slot: per endpoint an exact LRU, over all a table from fingerprint to
 * holders. Memory is bounded by the sum of the endpoints' capacities and lies in typed arrays. The table is split, so that
 * growing is many short pauses and not one long one.
 */
export class PrefixIndex {
  readonly #tables: readonly BlockTable[] = Array.from({ length: 1 << tableBits }, () => new BlockTable(1));
  #words = 1;
  #alive = new Int32Array(1);
  readonly #endpoints: (BlockLru | undefined)[] = [];

  /**
   * Counts, for each slot below `matched.length`, the blocks that it holds from the first one on without a gap.
   * @param matched receives the counts by slot
   */
  match({ lo, hi, count }: Fingerprints, matched: Int32Array): void {
    matched.fill(0);
    if (!this.#beginAlive()) return;
    for (let i = 0; i < count; i++) {
      const table = this.#tables[tableOf(hi[i]!)]!;
      const id = table.find(lo[i]!, hi[i]!);
      if (!this.#narrowAlive(id < 0 ? undefined : table, id, i, matched)) return;
    }
    this.#narrowAlive(undefined, -1, count, matched);
  }

  /**
   * The endpoint in a slot computes these blocks: it will hold them all. What does not fit is dropped from the end, since
   * a block without those before it is of no use; for the same reason the first block is the newest.
   * @param capacity blocks the endpoint can hold, at least 1; counts when the slot is first seen
   */
  learn({ lo, hi, count }: Fingerprints, slot: number, capacity: number): void {
    const lru = (this.#endpoints[slot] ??= this.#newEndpoint(slot, capacity));
    for (let i = Math.min(count, lru.capacity) - 1; i >= 0; i--) {
      const at = tableOf(hi[i]!);
      const table = this.#tables[at]!;
      const id = table.findOrAdd(lo[i]!, hi[i]!);
      const change = lru.touch((id << tableBits) | at);
      if (change === wasThere) continue;
      table.addHolder(id, slot);
      if (change !== wasAdded) this.#drop(change, slot);
    }
  }

  /** Drops all that is known of a slot. */
  forget(slot: number): void {
    const lru = this.#endpoints[slot];
    if (lru === undefined) return;
    for (const block of lru.blocks()) this.#drop(block, slot);
    this.#endpoints[slot] = undefined;
  }

  /** Blocks that a slot is believed to hold. */
  blocksOf(slot: number): number {
    return this.#endpoints[slot]?.size ?? 0;
  }

  /** Sums for /debug/state; walks the endpoints. */
  summary(): { readonly endpoints: number; readonly blocks: number; readonly held: number; readonly bytes: Bytes } {
    let [endpoints, blocks, held, bytes] = [0, 0, 0, 0];
    for (const table of this.#tables) {
      blocks += table.size;
      bytes += table.bytes;
    }
    for (const lru of this.#endpoints) {
      if (lru === undefined) continue;
      endpoints++;
      held += lru.size;
      bytes += lru.bytes;
    }
    return { endpoints, blocks, held, bytes };
  }

  #newEndpoint(slot: number, capacity: number): BlockLru {
    let words = this.#words;
    while (slot >= words * 32) words *= 2;
    if (words !== this.#words) {
      for (const table of this.#tables) table.widen(words);
      this.#words = words;
      this.#alive = new Int32Array(words);
    }
    return new BlockLru(capacity);
  }

  #drop(block: number, slot: number): void {
    this.#tables[tableOf(block)]!.removeHolder(block >>> tableBits, slot);
  }

  #beginAlive(): boolean {
    this.#alive.fill(0);
    let any = false;
    for (let slot = 0; slot < this.#endpoints.length; slot++) {
      if (this.#endpoints[slot] === undefined) continue;
      this.#alive[slot >>> 5]! |= 1 << (slot & 31);
      any = true;
    }
    return any;
  }

  /** Keeps the slots that hold the block; those that do not are done with `length` blocks. False when none is left. */
  #narrowAlive(table: BlockTable | undefined, id: number, length: number, matched: Int32Array): boolean {
    let left = 0;
    for (let word = 0; word < this.#words; word++) {
      const before = this.#alive[word]!;
      if (before === 0) continue;
      const now = table === undefined ? 0 : before & table.holders(id, word);
      this.#alive[word] = now;
      left |= now;
      for (let gone = before & ~now; gone !== 0; gone &= gone - 1) {
        matched[word * 32 + 31 - Math.clz32(gone & -gone)] = length;
      }
    }
    return left !== 0;
  }
}
