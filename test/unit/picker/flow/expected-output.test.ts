import { describe, expect, it } from "@jest/globals";
import { ExpectedOutput } from "../../../../picker/flow/expected-output.ts";

describe("the expected length of an answer", () => {
  it.each([
    ["256 tokens where none was seen", [], undefined, 256],
    ["at most what the request allows", [], 40, 40],
    ["that of the first answer", [1000], undefined, 1000],
    ["moved by those that follow", [1000, 0], undefined, 950],
    ["never more than is allowed, whatever was seen", [1000], 300, 300],
    ["not raised to what is allowed", [100], 300, 100],
  ])("is %s", (_, seen, most, tokens) => {
    const outputs = new ExpectedOutput();
    for (const one of seen) outputs.observe("chat", one);
    expect(outputs.of("chat", most)).toBeCloseTo(tokens);
  });

  it("is kept apart by objective, for ten thousand of them", () => {
    const outputs = new ExpectedOutput();
    for (let i = 0; i < 10_001; i++) outputs.observe(`o${i}`, 7);
    expect(["o0", "o9999", "o10000", "other"].map((name) => outputs.of(name, undefined))).toEqual([7, 7, 256, 256]);
  });
});
