import { describe, expect, it } from "@jest/globals";
import { Arena } from "../../../../src/metrics/arena.ts";

describe("Arena", () => {
  it("gives runs that do not overlap, across slabs", () => {
    const arena = new Arena();
    const runs = Array.from({ length: 5000 }, (_, i) => ({
      length: 1 + (i % 40),
      cells: arena.allocate(1 + (i % 40)),
    }));
    runs.forEach(({ length, cells }, i) => cells.slab.fill(i, cells.offset, cells.offset + length));
    for (const [i, { length, cells }] of runs.entries()) {
      expect(new Set(cells.slab.subarray(cells.offset, cells.offset + length))).toEqual(new Set([i]));
    }
  });

  it("gives a run longer than a slab", () =>
    expect(new Arena().allocate(20_000).slab.length).toBeGreaterThanOrEqual(20_000));

  it.each([
    { released: 1, wanted: 1, reused: true },
    { released: 28, wanted: 28, reused: true },
    { released: 28, wanted: 30, reused: true },
    { released: 28, wanted: 40, reused: false },
    { released: 28, wanted: 1, reused: false },
    { released: 1, wanted: 2, reused: false },
  ])("after a run of $released, one of $wanted reuses it: $reused", ({ released, wanted, reused }) => {
    const arena = new Arena();
    const first = arena.allocate(released);
    first.slab.fill(7, first.offset, first.offset + released);
    arena.release({ ...first }, released);
    const second = arena.allocate(wanted);
    expect(second.slab === first.slab && second.offset === first.offset).toBe(reused);
    expect([...second.slab.subarray(second.offset, second.offset + wanted)].every((value) => value === 0)).toBe(true);
  });
});
