import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { prefillMs, stepTimeMs } from "../../../../simulator/engine/step-time.ts";

const model = {
  baseMs: 10,
  perSequenceMs: 1,
  perContextTokenMs: 0.001,
  prefillOffsetMs: -5,
  perPrefillTokenMs: 0.1,
  prefillKneeTokens: 100,
  perPrefillTokenAboveKneeMs: 0.4,
};

describe("stepTimeMs", () => {
  it.each([
    { name: "an empty step is one pass over the weights", load: [0, 0, 0], want: 10 },
    { name: "decoding pays for each sequence and its context", load: [4, 2000, 0], want: 16 },
    { name: "a small prefill hides behind the weights", load: [0, 0, 50], want: 10 },
    { name: "a larger one adds what is beyond", load: [0, 0, 100], want: 15 },
    { name: "above the knee a token costs more", load: [0, 0, 110], want: 20 },
    { name: "everything adds up", load: [4, 2000, 110], want: 26 },
  ])("$name", ({ load: [decodes = 0, contextTokens = 0, prefillTokens = 0], want }) => {
    expect(stepTimeMs(model, { decodes, contextTokens, prefillTokens })).toBeCloseTo(want, 9);
  });

  it("never falls when more tokens are prefilled", () => {
    fc.assert(
      fc.property(fc.nat(500), fc.nat(500), (a, b) => {
        expect(prefillMs(model, a + b)).toBeGreaterThanOrEqual(prefillMs(model, a));
      }),
    );
  });
});
