import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  priorityHoldback,
  softReflectiveCeiling,
  staticUsageLimit,
} from "../../../../../picker/configuration/policy-plugins.ts";
import { createUsageLimit } from "../../../../../picker/flow/create-detector.ts";
import type { UsageLimitPolicy } from "../../../../../picker/flow/capacity/usage-limit-policy.ts";

const ceilingsOf = (policy: UsageLimitPolicy, saturation: number, priorities: readonly number[]): number[] => {
  const out = new Float64Array(priorities.length + 1).fill(-1);
  policy.ceilings(saturation, priorities, out);
  expect(out[priorities.length]).toBe(-1);
  return [...out.subarray(0, priorities.length)];
};
const fixed = (parameters: object): UsageLimitPolicy => createUsageLimit(staticUsageLimit.parameters.parse(parameters));
const holdback = (parameters: object): UsageLimitPolicy =>
  createUsageLimit(priorityHoldback.parameters.parse(parameters));
const reflective = (): UsageLimitPolicy => createUsageLimit(softReflectiveCeiling.parameters.parse({}));

const someBands = fc
  .uniqueArray(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 8 })
  .map((priorities) => priorities.toSorted((a, b) => b - a));
const someShare = fc.double({ min: 0, max: 1, noNaN: true });

describe("static-usage-limit-policy", () => {
  it.each([
    { parameters: {}, ceilings: [1, 1, 1] },
    { parameters: { threshold: 0.8 }, ceilings: [0.8, 0.8, 0.8] },
    { parameters: { threshold: 1.5 }, ceilings: [1, 1, 1] },
  ])("$parameters gives $ceilings", ({ parameters, ceilings }) => {
    expect(ceilingsOf(fixed(parameters), 0.5, [10, 0, -1])).toEqual(ceilings);
  });
});

describe("priority-holdback-policy", () => {
  it.each([
    { parameters: { minCeiling: 0.5 }, priorities: [100, 10, 0], ceilings: [1, 0.75, 0.5] },
    { parameters: { minCeiling: 0.5, domain: "value" }, priorities: [100, 10, 0], ceilings: [1, 0.55, 0.5] },
    { parameters: { minCeiling: 0.5, domain: "value" }, priorities: [10, 0, -10], ceilings: [1, 0.75, 0.5] },
    { parameters: { minCeiling: 0.2, maxCeiling: 0.8 }, priorities: [3, 2, 1, 0], ceilings: [0.8, 0.6, 0.4, 0.2] },
    { parameters: { minCeiling: 0.5, maxCeiling: 0.9 }, priorities: [7], ceilings: [0.9] },
    { parameters: { minCeiling: 0.5, maxCeiling: 0.9, domain: "value" }, priorities: [7], ceilings: [0.9] },
    { parameters: { minCeiling: 0.5 }, priorities: [], ceilings: [] },
  ])("$parameters gives $priorities the ceilings $ceilings", ({ parameters, priorities, ceilings }) => {
    const found = ceilingsOf(holdback(parameters), 0.5, priorities);
    expect(found).toHaveLength(ceilings.length);
    for (const [i, ceiling] of ceilings.entries()) expect(found[i]).toBeCloseTo(ceiling, 12);
  });

  it("goes down from the highest ceiling to the lowest, in either domain", () => {
    const bounds = fc
      .tuple(fc.integer({ min: 0, max: 98 }), fc.integer({ min: 1, max: 100 }))
      .filter(([a, b]) => a < b);
    fc.assert(
      fc.property(someBands, bounds, fc.constantFrom("rank", "value"), (priorities, [low, high], domain) => {
        const [minCeiling, maxCeiling] = [low / 100, high / 100];
        const found = ceilingsOf(holdback({ minCeiling, maxCeiling, domain }), 0.5, priorities);
        expect(found[0]).toBeCloseTo(maxCeiling, 12);
        if (found.length > 1) expect(found.at(-1)).toBeCloseTo(minCeiling, 12);
        for (let i = 1; i < found.length; i++) expect(found[i]).toBeLessThan(found[i - 1]!);
      }),
    );
  });

  it.each([
    {},
    { minCeiling: 1 },
    { minCeiling: -0.1 },
    { minCeiling: 0.5, maxCeiling: 0 },
    { minCeiling: 0.5, maxCeiling: 1.1 },
    { minCeiling: 0.5, maxCeiling: 0.5 },
    { minCeiling: 0.5, shape: "sigmoid" },
    { minCeiling: 0.5, domain: "name" },
    { minCeiling: 0.5, other: 1 },
  ])("refuses the parameters %j", (parameters) => {
    expect(priorityHoldback.parameters.safeParse(parameters).success).toBe(false);
  });
});

describe("soft-reflective-ceiling-policy", () => {
  const calls = (saturation: number, priorities: readonly number[], count: number): number[][] => {
    const policy = reflective();
    return Array.from({ length: count }, () => ceilingsOf(policy, saturation, priorities));
  };

  it.each([
    // Ceilings 1, 0.75, 0.5 at s = 0.5: the lowest is reached, and is open in one call of round(0.5 / 0.5) = 1.
    { saturation: 0.5, open: [6, 6, 6] },
    { saturation: 0.49, open: [6, 6, 6] },
    // Ceilings 1, 0.65, 0.3 at s = 0.7: two reached, one call of round(0.7 / 0.3) = 2.
    { saturation: 0.7, open: [6, 3, 3] },
    // Ceilings 1, 0.695, 0.39 at s = 0.61: one reached, one call of round(0.61 / 0.39) = 2.
    { saturation: 0.61, open: [6, 6, 3] },
    { saturation: 0.75, open: [6, 2, 2] },
    { saturation: 0.86, open: [6, 1, 1] },
    { saturation: 1, open: [6, 0, 0] },
    { saturation: 1.2, open: [6, 0, 0] },
  ])("at $saturation opens three bands in $open of 6 calls", ({ saturation, open }) => {
    const found = calls(saturation, [2, 1, 0], 6);
    expect([0, 1, 2].map((band) => found.filter((ceilings) => ceilings[band] === 1).length)).toEqual(open);
    expect(found.flat().every((ceiling) => ceiling === 0 || ceiling === 1)).toBe(true);
  });

  it("opens a gated band in the last call of each period", () => {
    expect(calls(0.75, [1, 0], 6).map(([, low]) => low)).toEqual([0, 0, 1, 0, 0, 1]);
  });

  it("never shuts the highest band, nor an only one", () => {
    fc.assert(
      fc.property(someBands, someShare, (priorities, saturation) => {
        expect(ceilingsOf(reflective(), saturation, priorities)[0]).toBe(1);
      }),
    );
  });

  it("takes no parameters", () => {
    expect(softReflectiveCeiling.parameters.safeParse({ period: 3 }).success).toBe(false);
  });
});
