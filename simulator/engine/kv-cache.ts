import type { Ratio, Tokens } from "#units";

const none = -1;

/** The blocks of one sequence, in order. The first `registered` of them were offered to the prefix cache. */
export type BlockTable = { readonly blocks: number[]; registered: number };

export const emptyTable = (): BlockTable => ({ blocks: [], registered: 0 });

/**
 * KV memory in blocks with a prefix cache: a block that was filled keeps its hash after its last user left and can be
 * taken up again until it is needed. Unused blocks form one list from "reuse first" (head) to "most recently used".
 */
export class KvCache {
  readonly capacityBlocks: number;
  readonly blockSize: Tokens;
  readonly #users: Int32Array;
  readonly #hash: Float64Array;
  readonly #byHash = new Map<number, number>();
  readonly #previous: Int32Array;
  readonly #next: Int32Array;
  #head = none;
  #tail = none;
  #free = 0;
  #cachedFree = 0;

  constructor(capacityBlocks: number, blockSize: Tokens) {
    this.capacityBlocks = capacityBlocks;
    this.blockSize = blockSize;
    this.#users = new Int32Array(capacityBlocks);
    this.#hash = new Float64Array(capacityBlocks).fill(Number.NaN);
    this.#previous = new Int32Array(capacityBlocks).fill(none);
    this.#next = new Int32Array(capacityBlocks).fill(none);
    for (let block = 0; block < capacityBlocks; block++) this.#append(block);
  }

  get usedBlocks(): number {
    return this.capacityBlocks - this.#free;
  }

  get cachedBlocks(): number {
    return this.#cachedFree;
  }

  get usageRatio(): Ratio {
    return this.capacityBlocks === 0 ? 0 : this.usedBlocks / this.capacityBlocks;
  }

  blocksFor(tokens: Tokens): number {
    return Math.ceil(tokens / this.blockSize);
  }

  /** Leading blocks that are in the cache, out of the first `limit` hashes. */
  cachedPrefix(hashes: ArrayLike<number>, limit: number): number[] {
    const found: number[] = [];
    for (let i = 0; i < limit; i++) {
      const block = this.#byHash.get(hashes[i]!);
      if (block === undefined) break;
      found.push(block);
    }
    return found;
  }

  /** Starts a table on cached blocks and grows it to `tokens`. False, and nothing taken, where memory is short. */
  open(table: BlockTable, cached: readonly number[], tokens: Tokens): boolean {
    let revived = 0;
    for (const block of cached) if (this.#users[block] === 0) revived++;
    if (this.blocksFor(tokens) - cached.length > this.#free - revived) return false;
    for (const block of cached) {
      if (this.#users[block] === 0) this.#unlink(block);
      this.#users[block]!++;
      table.blocks.push(block);
    }
    table.registered = cached.length;
    return this.grow(table, tokens);
  }

  /** Takes blocks until the table holds `tokens`. False, and nothing taken, where memory is short. */
  grow(table: BlockTable, tokens: Tokens): boolean {
    const missing = this.blocksFor(tokens) - table.blocks.length;
    if (missing > this.#free) return false;
    for (let i = 0; i < missing; i++) table.blocks.push(this.#take());
    return true;
  }

  /** Offers the blocks that `computedTokens` fill to the prefix cache. */
  register(table: BlockTable, hashes: ArrayLike<number>, computedTokens: Tokens): void {
    const full = Math.min(Math.floor(computedTokens / this.blockSize), hashes.length);
    for (; table.registered < full; table.registered++) {
      const hash = hashes[table.registered]!;
      if (this.#byHash.has(hash)) continue;
      const block = table.blocks[table.registered]!;
      this.#hash[block] = hash;
      this.#byHash.set(hash, block);
    }
  }

  /** Gives all blocks back. The end of a sequence is reused before its beginning: fewer others can share it. */
  close(table: BlockTable): void {
    for (let i = table.blocks.length - 1; i >= 0; i--) {
      const block = table.blocks[i]!;
      if (--this.#users[block]! > 0) continue;
      if (Number.isNaN(this.#hash[block]!)) this.#prepend(block);
      else this.#append(block);
    }
    table.blocks.length = 0;
    table.registered = 0;
  }

  #take(): number {
    const block = this.#head;
    this.#unlink(block);
    if (!Number.isNaN(this.#hash[block]!)) this.#byHash.delete(this.#hash[block]!);
    this.#hash[block] = Number.NaN;
    this.#users[block] = 1;
    return block;
  }

  #append(block: number): void {
    this.#previous[block] = this.#tail;
    this.#next[block] = none;
    if (this.#tail === none) this.#head = block;
    else this.#next[this.#tail] = block;
    this.#tail = block;
    this.#counted(block, 1);
  }

  #prepend(block: number): void {
    this.#previous[block] = none;
    this.#next[block] = this.#head;
    if (this.#head === none) this.#tail = block;
    else this.#previous[this.#head] = block;
    this.#head = block;
    this.#counted(block, 1);
  }

  #unlink(block: number): void {
    const previous = this.#previous[block]!;
    const next = this.#next[block]!;
    if (previous === none) this.#head = next;
    else this.#next[previous] = next;
    if (next === none) this.#tail = previous;
    else this.#previous[next] = previous;
    this.#counted(block, -1);
  }

  #counted(block: number, by: 1 | -1): void {
    this.#free += by;
    if (!Number.isNaN(this.#hash[block]!)) this.#cachedFree += by;
  }
}
