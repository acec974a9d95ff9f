import { describe, expect, it } from "@jest/globals";
import type { FairnessSettings } from "../../../../picker/flow/queue/settings.ts";
import { busyRun, shares, type Tenant } from "../../../histories/busy-run.ts";
import { queueOf } from "../../../support/flow-settings.ts";

const tenantOf = (fairnessId: string, given: Partial<Tenant> = {}): Tenant => ({
  fairnessId,
  objective: "chat",
  priority: 0,
  promptTokens: [20, 180],
  outputTokens: [0, 100],
  ...given,
});

const second = { fromMs: 500, untilMs: 4500, lengthMs: 1000 };
const seeds = [1, 2, 3];

const weighted = (
  flowWeights: Readonly<Record<string, number>>,
  objectiveWeights: Readonly<Record<string, number>> = {},
): FairnessSettings => ({
  kind: "weighted-cost",
  flowWeights: new Map(Object.entries(flowWeights)),
  objectiveWeights: new Map(Object.entries(objectiveWeights)),
});

/** The largest deviation from these shares in any span, as a part of the share. */
function worstDeviation(fairness: FairnessSettings, tenants: readonly Tenant[], wanted: readonly number[]): number {
  const total = wanted.reduce((sum, one) => sum + one, 0);
  let worst = 0;
  for (const seed of seeds) {
    const served = busyRun(queueOf({ minShare: 0 }, { fairness }), tenants, second.untilMs, seed);
    for (const found of shares(served, tenants, second)) {
      for (const [i, share] of found.entries()) {
        worst = Math.max(worst, Math.abs(share / (wanted[i]! / total) - 1));
      }
    }
  }
  return worst;
}

describe("in any busy second each tenant has its share of the tokens, within 5 %", () => {
  const small = { promptTokens: [10, 30], outputTokens: [0, 10] } as const;
  const large = { promptTokens: [400, 600], outputTokens: [50, 100] } as const;

  it.each<[string, FairnessSettings, readonly Tenant[], readonly number[]]>([
    ["of the same weight", weighted({}), ["a", "b", "c"].map((id) => tenantOf(id)), [1, 1, 1]],
    ["of weights", weighted({ a: 1, b: 2, c: 4 }), ["a", "b", "c"].map((id) => tenantOf(id)), [1, 2, 4]],
    ["whose requests differ in size", weighted({}), [tenantOf("a", small), tenantOf("b", large)], [1, 1]],
    [
      "whose answers are longer than those of others",
      weighted({}),
      [tenantOf("a", { outputTokens: [0, 10] }), tenantOf("b", { outputTokens: [90, 100] })],
      [1, 1],
    ],
    [
      "of objectives with weights",
      weighted({ b: 2 }, { batch: 0.5 }),
      [tenantOf("a"), tenantOf("b"), tenantOf("c", { objective: "batch" })],
      [2, 4, 1],
    ],
  ])("%s", (_, fairness, tenants, wanted) => expect(worstDeviation(fairness, tenants, wanted)).toBeLessThan(0.05));

  it("which is not so where the order is strict", () => {
    const tenants = [tenantOf("a", small), tenantOf("b", large)];
    expect(worstDeviation({ kind: "global-strict" }, tenants, [1, 1])).toBeGreaterThan(0.5);
  });
});

describe("a sheddable band below others that take all there is", () => {
  const high = tenantOf("high");
  const low = tenantOf("low", { priority: -1 });
  const lowest = tenantOf("lowest", { priority: -2 });
  const span = { fromMs: 2000, untilMs: 12_000, lengthMs: 2000 };

  it.each([
    ["has its minimum share", 0.05, [high, low], 0.05],
    ["shares it evenly with another", 0.05, [high, low, lowest], 0.025],
    ["has it however small it is", 0.02, [high, low], 0.02],
  ] as const)("%s", (_, minShare, tenants, least) => {
    const found = seeds.flatMap((seed) => {
      const served = busyRun(queueOf({ minShare }), tenants, span.untilMs, seed);
      return shares(served, tenants, span).flatMap(([, ...ofLow]) => ofLow);
    });
    expect(Math.min(...found)).toBeGreaterThan(least * 0.9);
    expect(Math.max(...found)).toBeLessThan(least * 1.15);
  });

  it("lets each of its requests go: none waits for longer than its backlog takes", () => {
    const served = busyRun(queueOf({ minShare: 0.05 }), [high, low, lowest], span.untilMs, 1);
    const ofLow = served.filter(({ tenant, waitedMs }) => tenant !== high && waitedMs > 0);
    expect(ofLow.length).toBeGreaterThan(200);
    expect(Math.max(...ofLow.map(({ waitedMs }) => waitedMs))).toBeLessThan(2000);
  });

  it("starves without one", () => {
    const served = busyRun(queueOf({ minShare: 0 }), [high, low], span.untilMs, 1);
    expect(served.filter(({ tenant, waitedMs }) => tenant === low && waitedMs > 0)).toEqual([]);
  });
});
