import { IdBuckets } from "./id-buckets.ts";

const none = -1;
const started = 16;

/** What {@link BlockLru.touch} did where it evicted nothing. */
export const wasThere = -1;
export const wasAdded = -2;

/** The blocks of one endpoint in exact order of use, at most `capacity` of them. Grows with use up to that. */
export class BlockLru {
  readonly capacity: number;
  #blocks: Int32Array;
  #older: Int32Array;
  #newer: Int32Array;
  readonly #buckets = new IdBuckets();
  #newest = none;
  #oldest = none;
  #size = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    const length = Math.min(capacity, started);
    this.#blocks = new Int32Array(length);
    this.#older = new Int32Array(length);
    this.#newer = new Int32Array(length);
  }

  get size(): number {
    return this.#size;
  }

  /** Bytes of all arrays. */
  get bytes(): number {
    return this.#blocks.byteLength * 3 + this.#buckets.buckets.byteLength;
  }

  /**
   * Makes a block the newest.
   * @returns the block that had to go for it, else whether it was there or was added
   */
  touch(block: number): number {
    const node = this.#find(block);
    if (node !== none) {
      if (node !== this.#newest) {
        this.#unlink(node);
        this.#link(node);
      }
      return wasThere;
    }
    if (this.#size === this.capacity) return this.#replaceOldest(block);
    if (this.#size === this.#blocks.length) this.#grow();
    this.#add(this.#size++, block);
    return wasAdded;
  }

  /** Every block, in no order. */
  blocks(): Int32Array {
    return this.#blocks.subarray(0, this.#size);
  }

  #find(block: number): number {
    const { buckets, mask } = this.#buckets;
    for (let at = this.#buckets.home(block); ; at = (at + 1) & mask) {
      const node = buckets[at]! - 1;
      if (node === none || this.#blocks[node] === block) return node;
    }
  }

  #replaceOldest(block: number): number {
    const node = this.#oldest;
    const evicted = this.#blocks[node]!;
    this.#buckets.remove(node, this.#blocks);
    this.#unlink(node);
    this.#add(node, block);
    return evicted;
  }

  #add(node: number, block: number): void {
    this.#blocks[node] = block;
    this.#buckets.insert(node, this.#blocks);
    this.#link(node);
  }

  #link(node: number): void {
    this.#older[node] = this.#newest;
    this.#newer[node] = none;
    if (this.#newest === none) this.#oldest = node;
    else this.#newer[this.#newest] = node;
    this.#newest = node;
  }

  #unlink(node: number): void {
    const older = this.#older[node]!;
    const newer = this.#newer[node]!;
    if (older === none) this.#oldest = newer;
    else this.#newer[older] = newer;
    if (newer === none) this.#newest = older;
    else this.#older[newer] = older;
  }

  #grow(): void {
    const length = Math.min(this.capacity, this.#blocks.length * 2);
    const longer = (old: Int32Array): Int32Array => {
      const array = new Int32Array(length);
      array.set(old);
      return array;
    };
    this.#blocks = longer(this.#blocks);
    this.#older = longer(this.#older);
    this.#newer = longer(this.#newer);
  }
}
