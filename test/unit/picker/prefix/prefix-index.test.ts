import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { PrefixIndex, type Fingerprints } from "../../../../picker/prefix/prefix-index.ts";

/** Fingerprints of a chain of numbers; few distinct ones, so that lanes, buckets and tables collide. */
const chainOf = (blocks: readonly number[]): Fingerprints => ({
  lo: Int32Array.from(blocks, (block) => block & 3),
  hi: Int32Array.from(blocks, (block) => block << 5),
  count: blocks.length,
});

/** The same rules over sets and arrays: newest block first. */
class Oracle {
  readonly #holders = new Map<number, Set<number>>();
  readonly #used = new Map<number, { readonly capacity: number; order: number[] }>();

  learn(blocks: readonly number[], slot: number, capacity: number): void {
    const endpoint = this.#used.get(slot) ?? { capacity, order: [] };
    this.#used.set(slot, endpoint);
    for (const block of blocks.slice(0, endpoint.capacity).toReversed()) {
      endpoint.order = [block, ...endpoint.order.filter((one) => one !== block)];
      this.#holders.set(block, (this.#holders.get(block) ?? new Set()).add(slot));
      for (const gone of endpoint.order.splice(endpoint.capacity)) this.#holders.get(gone)!.delete(slot);
    }
  }

  forget(slot: number): void {
    for (const holders of this.#holders.values()) holders.delete(slot);
    this.#used.delete(slot);
  }

  match(blocks: readonly number[], slots: number): readonly number[] {
    return Array.from({ length: slots }, (_, slot) => {
      const gap = blocks.findIndex((block) => this.#holders.get(block)?.has(slot) !== true);
      return gap < 0 ? blocks.length : gap;
    });
  }

  held(slot: number): number {
    return this.#used.get(slot)?.order.length ?? 0;
  }

  get blocks(): number {
    return [...this.#holders.values()].filter(({ size }) => size > 0).length;
  }
}

const slots = 70;
const matchOf = (index: PrefixIndex, blocks: readonly number[]): readonly number[] => {
  const matched = new Int32Array(slots);
  index.match(chainOf(blocks), matched);
  return [...matched];
};

const blocks = fc.array(fc.nat(60), { maxLength: 12 });
const slot = fc.oneof(fc.nat(4), fc.integer({ min: 30, max: slots - 1 }));
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("learn" as const),
      blocks,
      slot,
      capacity: fc.integer({ min: 1, max: 20 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("forget" as const), blocks, slot, capacity: fc.constant(0) }) },
);

describe("PrefixIndex", () => {
  it("agrees with sets and lists after any history", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), blocks, (steps, asked) => {
        const index = new PrefixIndex();
        const oracle = new Oracle();
        for (const { kind, blocks, slot, capacity } of steps) {
          if (kind === "forget") {
            index.forget(slot);
            oracle.forget(slot);
          } else {
            index.learn(chainOf(blocks), slot, capacity);
            oracle.learn(blocks, slot, capacity);
          }
          expect(index.blocksOf(slot)).toBe(oracle.held(slot));
          expect(matchOf(index, blocks)).toEqual(oracle.match(blocks, slots));
        }
        expect(matchOf(index, asked)).toEqual(oracle.match(asked, slots));
        expect(index.summary().blocks).toBe(oracle.blocks);
      }),
      { numRuns: 300 },
    );
  });

  it("agrees with them through growth and eviction of thousands of blocks", () => {
    const index = new PrefixIndex();
    const oracle = new Oracle();
    const chains = Array.from({ length: 120 }, (_, chain) => Array.from({ length: 40 }, (_, i) => chain * 1000 + i));
    chains.forEach((chain, turn) => {
      for (const slot of [turn % 3, 40 + (turn % 5)]) {
        index.learn(chainOf(chain), slot, 300);
        oracle.learn(chain, slot, 300);
      }
    });
    for (const chain of chains) expect(matchOf(index, chain)).toEqual(oracle.match(chain, slots));
    expect(index.summary()).toMatchObject({ endpoints: 8, blocks: oracle.blocks, held: 8 * 300 });
  });

  it("counts without a gap", () => {
    const index = new PrefixIndex();
    index.learn(chainOf([1, 2, 3]), 0, 10);
    index.learn(chainOf([2, 3]), 1, 10);
    index.learn(chainOf([1, 9, 3]), 2, 10);
    expect(matchOf(index, [1, 2, 3]).slice(0, 3)).toEqual([3, 0, 1]);
  });

  it("drops the end of a chain before its start", () => {
    const index = new PrefixIndex();
    index.learn(chainOf([1, 2, 3, 4]), 0, 4);
    index.learn(chainOf([7]), 0, 4);
    expect(matchOf(index, [1, 2, 3, 4])[0]).toBe(3);
    index.learn(chainOf([11, 12, 13, 14, 15, 16]), 0, 4);
    expect(matchOf(index, [11, 12, 13, 14, 15, 16])[0]).toBe(4);
  });

  it("tells blocks apart that share one lane", () => {
    const index = new PrefixIndex();
    index.learn({ lo: Int32Array.of(5), hi: Int32Array.of(64), count: 1 }, 0, 4);
    const matched = new Int32Array(1);
    for (const [lo, hi] of [
      [5, 128],
      [6, 64],
    ] as const) {
      index.match({ lo: Int32Array.of(lo), hi: Int32Array.of(hi), count: 1 }, matched);
      expect(matched[0]).toBe(0);
    }
  });

  it("gives back what forgotten endpoints held, and stays within its capacity", () => {
    const index = new PrefixIndex();
    const turn = (seed: number) => {
      for (let slot = 0; slot < 4; slot++) {
        for (let chain = 0; chain < 40; chain++) {
          index.learn(chainOf(Array.from({ length: 20 }, (_, i) => seed * 100_000 + chain * 100 + i)), slot, 200);
        }
      }
    };
    turn(1);
    const { bytes } = index.summary();
    for (let seed = 2; seed < 12; seed++) turn(seed);
    expect(index.summary().held).toBe(800);
    expect(index.summary().bytes).toBeLessThanOrEqual(2 * bytes);
    for (let slot = 0; slot < 4; slot++) index.forget(slot);
    expect(index.summary()).toMatchObject({ endpoints: 0, blocks: 0, held: 0 });
  });
});
