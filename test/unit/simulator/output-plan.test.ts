import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { planOutput, planText } from "../../../simulator/output-plan.ts";
import { seededRandom } from "#random";
import { vocabulary } from "../../../simulator/tokenizer.ts";

const lengths = { meanTokens: 50, sigma: 0.6 };

describe("planOutput", () => {
  it("keeps the limits and says what ended the answer", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 200 }), fc.nat(200), (seed, max, min) => {
        const minTokens = Math.min(min, max);
        const plan = planOutput({ maxTokens: max, minTokens, ignoreEos: false }, lengths, seededRandom(seed));
        expect(plan.words.length).toBeGreaterThanOrEqual(Math.max(1, minTokens));
        expect(plan.words.length).toBeLessThanOrEqual(max);
        expect(plan.finishReason).toBe(plan.words.length === max ? "length" : "stop");
      }),
    );
  });

  it("goes to the limit when it ignores its end", () => {
    const plan = planOutput({ maxTokens: 5000, minTokens: 0, ignoreEos: true }, lengths, seededRandom(1));
    expect(plan.words).toHaveLength(5000);
    expect(plan.finishReason).toBe("length");
  });

  it("has the mean length that was asked for", () => {
    const random = seededRandom(3);
    let total = 0;
    for (let i = 0; i < 4000; i++) {
      total += planOutput({ maxTokens: 10_000, minTokens: 0, ignoreEos: false }, lengths, random).words.length;
    }
    expect(total / 4000 / 50).toBeCloseTo(1, 1);
  });

  it("writes its words", () => {
    const plan = { words: Uint16Array.of(0, 1), finishReason: "stop" } as const;
    expect(planText(plan)).toBe(`${vocabulary[0]}${vocabulary[1]}`);
    expect(planText(plan, 1)).toBe(vocabulary[0]);
  });
});
