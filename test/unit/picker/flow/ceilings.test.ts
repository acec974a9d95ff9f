import { describe, expect, it } from "@jest/globals";
import { PriorityHoldback, SoftReflectiveCeiling } from "../../../../picker/flow/capacity/usage-limit-policy.ts";
import { Ceilings, withPriority } from "../../../../picker/flow/ceilings.ts";

const holdback = new PriorityHoldback({ domain: "rank", minCeiling: 0.5, maxCeiling: 1 });

describe("ceilings", () => {
  it("are those of the policy for the bands of the decision, and 0 for any other", () => {
    const ceilings = new Ceilings(holdback, () => 0);
    ceilings.decide([3, 0, -1]);
    expect([3, 0, -1, 7].map((priority) => ceilings.of(priority))).toEqual([1, 0.75, 0.5, 0]);
  });

  it("are as many as there are bands", () => {
    const ceilings = new Ceilings(holdback, () => 0);
    const priorities = Array.from({ length: 200 }, (_, i) => -i);
    ceilings.decide(priorities);
    expect(ceilings.of(-199)).toBe(0.5);
  });

  it("ask the policy once a decision", () => {
    const ceilings = new Ceilings(new SoftReflectiveCeiling(), () => 0.75);
    const seen = Array.from({ length: 6 }, () => {
      ceilings.decide([0, -1]);
      return [ceilings.of(-1), ceilings.of(-1), ceilings.of(0)];
    });
    expect(seen.map(([first]) => first)).toEqual([0, 0, 1, 0, 0, 1]);
    expect(seen.every(([first, second, highest]) => first === second && highest === 1)).toBe(true);
  });
});

describe("withPriority", () => {
  it.each([
    [[3, 0], 3, [3, 0]],
    [[3, 0], 5, [5, 3, 0]],
    [[3, 0], 1, [3, 1, 0]],
    [[3, 0], -1, [3, 0, -1]],
    [[], 0, [0]],
  ])("%j and %d: %j", (priorities, priority, all) => expect(withPriority(priorities, priority)).toEqual(all));
});
