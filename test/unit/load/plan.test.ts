import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { planRequests, type PlannedRequest } from "../../../load/plan.ts";
import { promptOf } from "../../../load/prompt.ts";
import { peakRate, rateAt, type RateCurve } from "../../../load/rate.ts";
import { objectiveOf } from "./builders.ts";

const plan = (rate: RateCurve, durationMs: number, seed: number): PlannedRequest[] => [
  ...planRequests({ objectives: [objectiveOf({ rate })], durationMs, seed }),
];

const constant = (perSecond: number): RateCurve => ({ kind: "constant", perSecond });
const wave: RateCurve = { kind: "wave", lowPerSecond: 10, highPerSecond: 90, periodMs: 60_000 };
const steps: RateCurve = {
  kind: "steps",
  steps: [
    { fromMs: 1000, perSecond: 5 },
    { fromMs: 2000, perSecond: 0 },
    { fromMs: 3000, perSecond: 50 },
  ],
};

describe("rateAt", () => {
  it.each([
    { name: "wave begins low", curve: wave, atMs: 0, want: 10 },
    { name: "wave is high at half a period", curve: wave, atMs: 30_000, want: 90 },
    { name: "wave has its mean at a quarter", curve: wave, atMs: 15_000, want: 50 },
    { name: "steps begin at nothing", curve: steps, atMs: 999, want: 0 },
    { name: "steps hold from their time on", curve: steps, atMs: 1000, want: 5 },
    { name: "steps go down", curve: steps, atMs: 2500, want: 0 },
    { name: "the last step holds", curve: steps, atMs: 99_000, want: 50 },
  ])("$name", ({ curve, atMs, want }) => {
    expect(rateAt(curve, atMs)).toBeCloseTo(want, 9);
    expect(rateAt(curve, atMs)).toBeLessThanOrEqual(peakRate(curve));
  });
});

describe("planRequests", () => {
  it("gives the same plan for the same seed and another for another", () => {
    expect(plan(constant(50), 5000, 7)).toEqual(plan(constant(50), 5000, 7));
    expect(plan(constant(50), 5000, 7)).not.toEqual(plan(constant(50), 5000, 8));
  });

  it("is ordered, numbered and within the run for every rate and seed", () => {
    fc.assert(
      fc.property(fc.constantFrom(constant(80), wave, steps), fc.integer(), (rate, seed) => {
        const objectives = [objectiveOf({ rate }), objectiveOf({ name: "batch", rate: constant(30) })];
        const requests = [...planRequests({ objectives, durationMs: 2000, seed })];
        const times = requests.map(({ intendedAtMs }) => intendedAtMs);
        expect(requests.map(({ index }) => index)).toEqual([...requests.keys()]);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        expect(times.every((atMs) => atMs >= 0 && atMs < 2000)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it.each([1, 2, 3, 4, 5])("counts in windows have the mean and variance of a Poisson process (seed %d)", (seed) => {
    const counts = new Float64Array(2000);
    for (const { intendedAtMs } of plan(constant(20), 1_000_000, seed)) counts[Math.floor(intendedAtMs / 500)]! += 1;
    const mean = counts.reduce((sum, n) => sum + n, 0) / counts.length;
    const variance = counts.reduce((sum, n) => sum + (n - mean) ** 2, 0) / (counts.length - 1);
    /** Five standard errors of 2000 windows of 10 arrivals: 0.35 for the mean, 0.17 for the ratio. */
    expect(Math.abs(mean - 10)).toBeLessThan(0.36);
    expect(Math.abs(variance / mean - 1)).toBeLessThan(0.18);
  });

  it("follows a wave", () => {
    const all = plan(wave, 60_000, 3);
    const within = (from: number, to: number): number =>
      all.filter(({ intendedAtMs }) => intendedAtMs >= from && intendedAtMs < to).length;
    expect(Math.abs(all.length - 3000)).toBeLessThan(5 * Math.sqrt(3000));
    expect(within(25_000, 35_000)).toBeGreaterThan(5 * within(0, 5000));
  });

  it("sends nothing where the rate is 0", () => {
    const all = plan(steps, 4000, 1);
    expect(all.filter(({ intendedAtMs: at }) => at < 1000 || (at >= 2000 && at < 3000))).toEqual([]);
    expect(all.length).toBeGreaterThan(10);
  });

  it("leaves the plan of one objective alone when another is added", () => {
    const one = objectiveOf({ rate: constant(50) });
    const other = objectiveOf({ name: "batch", rate: constant(50) });
    const times = (objectives: (typeof one)[]): number[] =>
      [...planRequests({ objectives, durationMs: 2000, seed: 1 })]
        .filter(({ objective }) => objective.name === "chat")
        .map(({ intendedAtMs }) => intendedAtMs);
    expect(times([one, other])).toEqual(times([one]));
  });

  it("draws lengths, prefixes and streaming from their distributions", () => {
    const objective = objectiveOf({
      rate: constant(1000),
      prompt: { kind: "uniform", from: 100, to: 300 },
      output: { kind: "lognormal", median: 50, sigma: 0.5 },
      sharedShare: 0.75,
      prefixTokens: 64,
      prefixCount: 4,
      streamShare: 0.25,
    });
    const all = [...planRequests({ objectives: [objective], durationMs: 10_000, seed: 2 })];
    const share = (holds: (request: PlannedRequest) => boolean): number => all.filter(holds).length / all.length;
    expect(all.every(({ promptTokens }) => promptTokens >= 100 && promptTokens <= 300)).toBe(true);
    expect(new Set(all.map(({ promptTokens }) => promptTokens)).size).toBe(201);
    expect(share(({ outputTokens }) => outputTokens <= 50)).toBeCloseTo(0.5, 1);
    /** Of a lognormal with sigma 0.5, 84.1 % is below the median times e^0.5. */
    expect(Math.abs(share(({ outputTokens }) => outputTokens <= 82) - 0.841)).toBeLessThan(0.02);
    expect(Math.abs(share(({ prefix }) => prefix !== undefined) - 0.75)).toBeLessThan(0.03);
    expect(Math.abs(share(({ stream }) => stream) - 0.25)).toBeLessThan(0.03);
    expect(new Set(all.map(({ prefix }) => prefix?.id))).toEqual(new Set([0, 1, 2, 3, undefined]));
  });
});

describe("promptOf", () => {
  const request = (index: number, fields: Partial<PlannedRequest> = {}): PlannedRequest => ({
    index,
    objective: objectiveOf(),
    intendedAtMs: 0,
    promptTokens: 40,
    prefix: undefined,
    outputTokens: 1,
    stream: true,
    ...fields,
  });

  it("writes four bytes a token", () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.integer({ min: 1, max: 200_000 }), (index, promptTokens) => {
        const { own } = promptOf(request(index, { promptTokens }), 1);
        expect(own.length).toBe(promptTokens * 4 - 1);
        expect(own.split(" ").length).toBe(promptTokens);
      }),
      { numRuns: 30 },
    );
  });

  it("begins differently for every request of a run", () => {
    const starts = new Set(Array.from({ length: 20_000 }, (_, index) => promptOf(request(index), 1).own.slice(0, 12)));
    expect(starts.size).toBe(20_000);
  });

  it("shares the prefix of one id and no other, and not the rest", () => {
    const shared = (index: number, id: number) => promptOf(request(index, { prefix: { id, tokens: 30 } }), 1);
    expect(shared(1, 0).prefix).toBe(shared(2, 0).prefix);
    expect(shared(1, 0).prefix).not.toBe(shared(1, 1).prefix);
    expect(shared(1, 0).own).not.toBe(shared(2, 0).own);
    expect(shared(1, 0).prefix?.length).toBe(119);
    expect(shared(1, 0).own.length).toBe(39);
  });
});
