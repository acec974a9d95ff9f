import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { resolveBand } from "../../../../../picker/flow/trust/resolve-band.ts";
import type { UnknownBandPolicy } from "../../../../../picker/flow/trust/settings.ts";

describe("resolveBand", () => {
  it.each<[UnknownBandPolicy, number, readonly number[], number | undefined]>([
    ["default", 2, [2, 0, -1], 2],
    ["refuse", 2, [2, 0, -1], 2],
    ["lowest", 2, [2, 0, -1], 2],
    ["default", 5, [2, 0, -1], 2],
    ["default", 1, [2, 0, -1], 0],
    ["default", -2, [2, 0, -1], undefined],
    ["default", -1, [0], undefined],
    ["lowest", 5, [2, 0, -1], -1],
    ["lowest", -2, [2, 0, -1], undefined],
    ["lowest", 0, [], undefined],
    ["refuse", 5, [2, 0, -1], undefined],
  ])("%s: priority %i among %j gives %j", (policy, priority, priorities, want) =>
    expect(resolveBand(priority, priorities, policy)).toBe(want),
  );

  it("gives a band there is, and never promotes", () => {
    const set = fc.uniqueArray(fc.integer({ min: -5, max: 5 }), { maxLength: 8 });
    const policy = fc.constantFrom<UnknownBandPolicy>("default", "refuse", "lowest");
    fc.assert(
      fc.property(set, fc.integer({ min: -6, max: 6 }), policy, (some, priority, one) => {
        const priorities = some.toSorted((a, b) => b - a);
        const band = resolveBand(priority, priorities, one);
        if (band === undefined) return expect(priorities).not.toContain(priority);
        expect(priorities).toContain(band);
        expect(band).toBeLessThanOrEqual(priority);
        if (priorities.includes(priority)) expect(band).toBe(priority);
      }),
    );
  });
});
