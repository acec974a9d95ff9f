import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { maxScorePicker } from "../../../../picker/scheduling/pickers/max-score.ts";
import { randomPicker } from "../../../../picker/scheduling/pickers/random.ts";
import { weightedRandomPicker } from "../../../../picker/scheduling/pickers/weighted-random.ts";
import type { PluginDefinition } from "../../../../picker/scheduling/plugin.ts";
import { seededRandom } from "#random";

const pick = (
  definition: PluginDefinition,
  totals: readonly number[],
  maxNumOfEndpoints: number,
  random: () => number,
) => {
  const picker = definition.create(definition.parameters.parse({ maxNumOfEndpoints }), { random });
  const candidates = { indexes: Int32Array.from(totals.keys()), count: totals.length };
  const picked = new Int32Array(Math.min(picker.maxEndpoints!, totals.length));
  const count = picker.pick!(candidates, Float64Array.from(totals), random, picked);
  return [...picked.subarray(0, count)];
};

const shareOfFirst = (definition: PluginDefinition, totals: readonly number[], maxNumOfEndpoints: number) => {
  const random = seededRandom(7);
  const shares = totals.map(() => 0);
  const rounds = 20_000;
  for (let round = 0; round < rounds; round++)
    shares[pick(definition, totals, maxNumOfEndpoints, random)[0]!]! += 1 / rounds;
  return shares;
};

describe("maxNumOfEndpoints", () => {
  it.each([
    { written: 0, want: 1 },
    { written: -3, want: 1 },
    { written: 4, want: 4 },
  ])("$written means $want", ({ written, want }) => {
    const parameters = maxScorePicker.parameters.parse({ maxNumOfEndpoints: written });
    expect(maxScorePicker.create(parameters, { random: () => 0 }).maxEndpoints).toBe(want);
  });
});

describe("max-score-picker", () => {
  it("lists the best, best first", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 9, noNaN: true }), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer(),
        (totals, most, seed) => {
          const picked = pick(maxScorePicker, totals, most, seededRandom(seed));
          const best = totals.toSorted((a, b) => b - a).slice(0, most);
          expect(picked.map((index) => totals[index])).toEqual(best);
          expect(new Set(picked).size).toBe(picked.length);
        },
      ),
    );
  });

  it.each([1, 2])("gives equal scores equal chances (of %p emitted)", (most) => {
    const [low, ...equals] = shareOfFirst(maxScorePicker, [1, 5, 5, 5, 5], most);
    expect(low).toBe(0);
    for (const share of equals) expect(share).toBeCloseTo(0.25, 1);
  });

  it("ranks an unknown total last and still picks", () => {
    expect(pick(maxScorePicker, [Number.NaN, 0], 2, () => 0.5)).toEqual([1, 0]);
    expect(pick(maxScorePicker, [Number.NaN], 1, () => 0.5)).toEqual([0]);
  });
});

describe("random-picker", () => {
  it("ignores scores", () => {
    for (const share of shareOfFirst(randomPicker, [0, 1, 100, 3], 1)) expect(share).toBeCloseTo(0.25, 1);
  });
});

describe("weighted-random-picker", () => {
  it("picks in proportion to the scores", () => {
    const shares = shareOfFirst(weightedRandomPicker, [0, 1, 3, 6], 1);
    [0, 0.1, 0.3, 0.6].forEach((want, index) => expect(shares[index]).toBeCloseTo(want, 1));
  });

  it("does not underflow on small scores", () => {
    const shares = shareOfFirst(weightedRandomPicker, [1e-9, 3e-9], 1);
    expect(shares[1]).toBeCloseTo(0.75, 1);
  });

  it("picks at random where nothing scored", () => {
    for (const share of shareOfFirst(weightedRandomPicker, [0, 0, 0, 0], 2)) expect(share).toBeCloseTo(0.25, 1);
  });

  it("puts what scored 0 last", () => {
    expect(pick(weightedRandomPicker, [0, 0.1, 0], 3, seededRandom(1))[0]).toBe(1);
  });
});
