import { IdBuckets } from "./id-buckets.ts";

const none = -1;

const grown = (old: Int32Array, length: number): Int32Array<ArrayBuffer> => {
  const array = new Int32Array(length);
  array.set(old);
  return array;
};

/** Fingerprint → which endpoint slots hold the block. A block is known by a small id while any slot holds it. */
export class BlockTable {
  #lo = new Int32Array(16);
  #hi = new Int32Array(16);
  /** `words` per block, one bit per slot. */
  #holders: Int32Array;
  #words: number;
  readonly #buckets = new IdBuckets();
  /** Ids given back, linked through `lo`. */
  #free = none;
  #fresh = 0;
  #size = 0;

  constructor(words: number) {
    this.#words = words;
    this.#holders = new Int32Array(16 * words);
  }

  get size(): number {
    return this.#size;
  }

  /** Bytes of all arrays. */
  get bytes(): number {
    return this.#lo.byteLength * 2 + this.#holders.byteLength + this.#buckets.buckets.byteLength;
  }

  /** @returns the id of a block, -1 where no slot holds it */
  find(lo: number, hi: number): number {
    const { buckets, mask } = this.#buckets;
    for (let at = this.#buckets.home(lo); ; at = (at + 1) & mask) {
      const id = buckets[at]! - 1;
      if (id === none || (this.#lo[id] === lo && this.#hi[id] === hi)) return id;
    }
  }

  /** @returns the id of a block, made where there was none; give it a holder next */
  findOrAdd(lo: number, hi: number): number {
    const found = this.find(lo, hi);
    if (found !== none) return found;
    const id = this.#take();
    this.#lo[id] = lo;
    this.#hi[id] = hi;
    this.#buckets.insert(id, this.#lo);
    this.#size++;
    return id;
  }

  /** One word of the bits that say which slots hold a block. */
  holders(id: number, word: number): number {
    return this.#holders[id * this.#words + word]!;
  }

  addHolder(id: number, slot: number): void {
    this.#holders[id * this.#words + (slot >>> 5)]! |= 1 << (slot & 31);
  }

  /** A block without a holder is gone. */
  removeHolder(id: number, slot: number): void {
    const start = id * this.#words;
    this.#holders[start + (slot >>> 5)]! &= ~(1 << (slot & 31));
    for (let word = 0; word < this.#words; word++) if (this.#holders[start + word] !== 0) return;
    this.#buckets.remove(id, this.#lo);
    this.#lo[id] = this.#free;
    this.#free = id;
    this.#size--;
  }

  /** Makes room for slots up to 32 × words. */
  widen(words: number): void {
    const wider = new Int32Array(this.#lo.length * words);
    for (let id = 0; id < this.#fresh; id++) {
      for (let word = 0; word < this.#words; word++) wider[id * words + word] = this.holders(id, word);
    }
    this.#holders = wider;
    this.#words = words;
  }

  #take(): number {
    if (this.#free !== none) {
      const id = this.#free;
      this.#free = this.#lo[id]!;
      return id;
    }
    if (this.#fresh === this.#lo.length) {
      const length = this.#fresh * 2;
      this.#lo = grown(this.#lo, length);
      this.#hi = grown(this.#hi, length);
      this.#holders = grown(this.#holders, length * this.#words);
    }
    return this.#fresh++;
  }
}
