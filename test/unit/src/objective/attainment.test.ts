import { describe, expect, it } from "@jest/globals";
import { attainmentRatio, burnRate, errorBudget, errorBudgetRemaining, ObjectiveTable } from "#objective";

describe("attainment", () => {
  it.each([
    { met: 0, missed: 0, ratio: undefined, burn: undefined },
    { met: 99, missed: 1, ratio: 0.99, burn: 1 },
    { met: 100, missed: 0, ratio: 1, burn: 0 },
    { met: 90, missed: 10, ratio: 0.9, burn: 10 },
    { met: 0, missed: 3, ratio: 0, burn: 100 },
  ])("$met met and $missed missed against 99 %", ({ met, missed, ratio, burn }) => {
    expect(attainmentRatio({ met, missed })).toBe(ratio);
    const rate = burnRate({ met, missed }, 0.99);
    if (burn === undefined) expect(rate).toBeUndefined();
    else expect(rate).toBeCloseTo(burn, 9);
  });

  it("is unknown, not zero, where nothing was judged", () => {
    expect(errorBudgetRemaining({ met: 0, missed: 0 }, 0.9)).toBeUndefined();
  });

  it("goes negative when the budget is overspent", () => {
    expect(errorBudget(0.9)).toBeCloseTo(0.1);
    expect(errorBudgetRemaining({ met: 8, missed: 2 }, 0.9)).toBeCloseTo(-1);
  });
});

describe("ObjectiveTable", () => {
  const chat = { objective: { namespace: "default", name: "chat", poolName: "p", priority: 2 }, level: undefined };

  it.each([
    { header: "chat", name: "chat", configured: true },
    { header: "caht", name: "unknown", configured: false },
    { header: undefined, name: "none", configured: false },
    { header: "", name: "none", configured: false },
    { header: "__proto__", name: "unknown", configured: false },
  ])("binds $header to $name", ({ header, name, configured }) => {
    expect(new ObjectiveTable([chat]).find(header)).toMatchObject({ name, configured });
  });

  it("lists every entry that can become a label value", () => {
    expect(new ObjectiveTable([chat]).entries.map((entry) => entry.name)).toEqual(["chat", "unknown", "none"]);
  });
});
