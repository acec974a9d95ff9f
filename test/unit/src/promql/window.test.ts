import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { durationText } from "#promql";

const unitMs: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
const read = (text: string): number =>
  [...text.matchAll(/(\d+)(ms|[dhms])/g)].reduce((sum, [, count, unit]) => sum + Number(count) * unitMs[unit!]!, 0);

describe("durationText", () => {
  it.each([
    [300_000, "5m"],
    [150_000, "2m30s"],
    [28 * 86_400_000, "28d"],
    [5_400_000, "1h30m"],
    [1500, "1s500ms"],
    [0, "0s"],
  ])("writes %d ms as %s", (ms, text) => expect(durationText(ms)).toBe(text));

  it("says the same length", () => {
    fc.assert(fc.property(fc.nat(400 * 86_400_000), (ms) => read(durationText(ms)) === ms));
  });
});
