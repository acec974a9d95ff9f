import { describe, expect, it } from "@jest/globals";
import { timePerOutputTokenMs } from "../../../../picker/request/token-clock.ts";

describe("timePerOutputTokenMs", () => {
  it.each([
    { name: "spreads the span over the tokens after the first", first: 100, last: 500, tokens: 5, want: 100 },
    { name: "is the whole span for two tokens", first: 100, last: 130, tokens: 2, want: 30 },
    { name: "is 0 when all tokens came at once", first: 100, last: 100, tokens: 8, want: 0 },
    { name: "has no gap to measure with one token", first: 100, last: 100, tokens: 1, want: undefined },
    { name: "has no gap to measure without tokens", first: 100, last: 100, tokens: 0, want: undefined },
    { name: "is unknown without token events", first: undefined, last: undefined, tokens: 9, want: undefined },
    { name: "is unknown without a count", first: 100, last: 500, tokens: undefined, want: undefined },
  ])("$name", ({ first, last, tokens, want }) => expect(timePerOutputTokenMs(first, last, tokens)).toBe(want));
});
