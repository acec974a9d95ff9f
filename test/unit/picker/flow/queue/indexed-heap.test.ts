import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { IndexedHeap } from "../../../../../picker/flow/queue/indexed-heap.ts";

type Item = { readonly places: number[]; key: number; readonly serial: number };

const bySerial = (a: Item, b: Item): boolean => a.serial < b.serial;

describe("IndexedHeap", () => {
  it("drains in order after any items left from its middle", () => {
    const keyed = fc.array(fc.record({ key: fc.nat(1000), leaves: fc.boolean() }), { minLength: 30, maxLength: 120 });
    fc.assert(
      fc.property(keyed, (drawn) => {
        const heap = new IndexedHeap<Item>(0, bySerial);
        const items = drawn.map(({ key, leaves }, serial) => ({ places: [-1], key, serial, leaves }));
        for (const item of items) heap.push(item, item.key);
        for (const item of items) if (item.leaves) heap.remove(item);
        const drained: number[] = [];
        for (let { first } = heap; first !== undefined; first = heap.first) {
          drained.push(first.key);
          heap.remove(first);
        }
        const want = items.filter(({ leaves }) => !leaves).map(({ key }) => key);
        expect(drained).toEqual(want.toSorted((a, b) => a - b));
      }),
    );
  });

  it("has the least item first after any pushes, removals and changed keys", () => {
    const action = fc.record({
      kind: fc.constantFrom("push" as const, "push" as const, "remove" as const, "update" as const),
      index: fc.nat(50),
      key: fc.nat(20),
    });
    const before = (a: Item, b: Item): boolean => (a.key !== b.key ? a.key < b.key : a.serial < b.serial);
    fc.assert(
      fc.property(fc.array(action, { maxLength: 150 }), (actions) => {
        const heap = new IndexedHeap<Item>(1, bySerial);
        const all: Item[] = [];
        const inside = new Set<Item>();
        for (const { kind, index, key } of actions) {
          const item = all[index];
          if (kind === "push") {
            const pushed = { places: [7, -1], key, serial: all.length };
            all.push(pushed);
            inside.add(pushed);
            heap.push(pushed, key);
          } else if (item !== undefined && kind === "remove") {
            expect(heap.remove(item)).toBe(inside.delete(item));
          } else if (item !== undefined) {
            item.key = key;
            heap.update(item, key);
          }
          const want = [...inside].toSorted((a, b) => (before(a, b) ? -1 : 1))[0];
          expect(heap.first).toBe(want);
          expect(heap.firstKey).toBe(want?.key);
          expect(new Set(heap.items)).toEqual(inside);
        }
        for (const item of all) {
          expect(heap.has(item)).toBe(inside.has(item));
          expect(item.places[0]).toBe(7);
        }
      }),
    );
  });

  it("has a new order after all keys changed, and forgets all places when cleared", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { maxLength: 60 }), (keys) => {
        const heap = new IndexedHeap<Item>(0, bySerial);
        const items = keys.map((key, serial) => ({ places: [-1], key, serial }));
        for (const item of items) heap.push(item, item.key);
        heap.rebuild(({ key }) => 30 - key);
        const drained: number[] = [];
        while (heap.first !== undefined && drained.length < keys.length >> 1) {
          drained.push(heap.first.serial);
          heap.remove(heap.first);
        }
        const want = items.toSorted((a, b) => b.key - a.key || a.serial - b.serial).map(({ serial }) => serial);
        expect(drained).toEqual(want.slice(0, drained.length));
        heap.clear();
        expect([heap.first, heap.firstKey]).toEqual([undefined, undefined]);
        expect(items.some((item) => heap.has(item))).toBe(false);
      }),
    );
  });
});
