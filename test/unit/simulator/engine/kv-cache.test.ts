import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { emptyTable, KvCache } from "../../../../simulator/engine/kv-cache.ts";

describe("KvCache", () => {
  it("takes blocks as tokens come and gives all of them back", () => {
    const kv = new KvCache(4, 4);
    const table = emptyTable();
    expect(kv.open(table, [], 5)).toBe(true);
    expect(kv.usedBlocks).toBe(2);
    expect(kv.grow(table, 8)).toBe(true);
    expect(kv.usedBlocks).toBe(2);
    expect(kv.grow(table, 9)).toBe(true);
    expect(kv.usageRatio).toBe(0.75);
    kv.close(table);
    expect(kv.usedBlocks).toBe(0);
  });

  it("takes nothing where memory is short", () => {
    const kv = new KvCache(2, 4);
    const table = emptyTable();
    expect(kv.open(table, [], 12)).toBe(false);
    expect(kv.usedBlocks).toBe(0);
    kv.open(table, [], 4);
    expect(kv.grow(table, 12)).toBe(false);
    expect(table.blocks).toHaveLength(1);
  });

  it("finds a prefix that was computed, also while it is in use", () => {
    const kv = new KvCache(8, 4);
    const first = emptyTable();
    kv.open(first, [], 8);
    expect(kv.cachedPrefix([1, 2], 2)).toEqual([]);
    kv.register(first, [1, 2], 7);
    expect(kv.cachedPrefix([1, 2], 2)).toHaveLength(1);
    kv.register(first, [1, 2], 8);
    const second = emptyTable();
    expect(kv.open(second, kv.cachedPrefix([1, 2, 3], 3), 12)).toBe(true);
    expect(kv.usedBlocks).toBe(3);
    kv.close(first);
    expect(kv.usedBlocks).toBe(3);
    kv.close(second);
    expect(kv.cachedBlocks).toBe(2);
    expect(kv.cachedPrefix([1, 9], 2)).toHaveLength(1);
  });

  it("does not count a cached block that it revives as free", () => {
    const kv = new KvCache(2, 4);
    const first = emptyTable();
    kv.open(first, [], 4);
    kv.register(first, [1], 4);
    kv.close(first);
    const second = emptyTable();
    expect(kv.open(second, kv.cachedPrefix([1], 1), 12)).toBe(false);
    expect(kv.open(second, kv.cachedPrefix([1], 1), 8)).toBe(true);
  });

  it("reuses blocks without a prefix first, then the end of the sequence that was given back longest ago", () => {
    const kv = new KvCache(5, 4);
    const [old, recent, plain, next] = [emptyTable(), emptyTable(), emptyTable(), emptyTable()];
    kv.open(old, [], 8);
    kv.register(old, [1, 2], 8);
    kv.open(recent, [], 8);
    kv.register(recent, [3, 4], 8);
    kv.open(plain, [], 4);
    for (const table of [old, recent, plain]) kv.close(table);
    kv.open(next, [], 4);
    expect([1, 3].map((hash) => kv.cachedPrefix([hash], 1).length)).toEqual([1, 1]);
    expect(kv.cachedBlocks).toBe(4);
    kv.grow(next, 8);
    expect(kv.cachedPrefix([1, 2], 2)).toHaveLength(1);
    kv.grow(next, 12);
    expect(kv.cachedPrefix([1], 1)).toHaveLength(0);
    expect(kv.cachedPrefix([3, 4], 2)).toHaveLength(2);
  });

  it("neither loses nor invents blocks, whatever is opened and closed", () => {
    const action = fc.record({ prefix: fc.nat(3), tokens: fc.integer({ min: 1, max: 40 }), close: fc.nat(5) });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const kv = new KvCache(12, 4);
        const open: ReturnType<typeof emptyTable>[] = [];
        for (const { prefix, tokens, close } of actions) {
          const table = emptyTable();
          const hashes = Array.from({ length: 10 }, (_, i) => prefix * 100 + i);
          const limit = Math.floor((tokens - 1) / 4);
          if (kv.open(table, kv.cachedPrefix(hashes, limit), tokens)) {
            kv.register(table, hashes, tokens);
            open.push(table);
          }
          const [closing] = open.splice(close, 1);
          if (closing !== undefined) kv.close(closing);
          const held = new Set(open.flatMap(({ blocks }) => blocks));
          expect(kv.usedBlocks).toBe(held.size);
          expect(kv.cachedBlocks).toBeLessThanOrEqual(kv.capacityBlocks - kv.usedBlocks);
        }
        for (const table of open) kv.close(table);
        expect(kv.usedBlocks).toBe(0);
        expect(kv.open(emptyTable(), [], 48)).toBe(true);
        expect(kv.cachedBlocks).toBe(0);
      }),
    );
  });
});
