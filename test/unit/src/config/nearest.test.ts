import { describe, expect, it } from "@jest/globals";
import { nearestWord } from "#config";

describe("nearestWord", () => {
  const known = ["target", "period", "ttft", "tpot", "objectiveRef", "e2e"];

  it.each([
    { word: "targt", want: "target", why: "one letter is missing" },
    { word: "targett", want: "target", why: "one letter is too many" },
    { word: "tragte", want: "target", why: "letters are swapped" },
    { word: "Target", want: "target", why: "only the case differs" },
    { word: "objectiveref", want: "objectiveRef", why: "only the case differs" },
    { word: "ttf", want: "ttft", why: "it is the nearer of two" },
    { word: "weight", want: undefined, why: "nothing is near" },
    { word: "x", want: undefined, why: "a short word is near to everything" },
    { word: "t".repeat(1000), want: undefined, why: "it is too long to be a slip" },
  ])("gives $want for $word, since $why", ({ word, want }) => expect(nearestWord(word, known)).toBe(want));
});
