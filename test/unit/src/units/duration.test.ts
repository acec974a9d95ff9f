import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { formatDuration, parseDuration } from "#units";

describe("parseDuration", () => {
  it.each([
    ["250ms", 250],
    ["1.5s", 1500],
    ["1h30m", 5_400_000],
    ["28d", 2_419_200_000],
    ["0", 0],
    ["0s", 0],
    [".5s", 500],
    ["100us", 0.1],
    ["2w", 1_209_600_000],
    ["", undefined],
    ["5", undefined],
    ["5 s", undefined],
    ["-5s", undefined],
    ["5x", undefined],
    ["s", undefined],
    ["5s junk", undefined],
    ["junk 5s", undefined],
  ])("%j is %s ms", (text, want) => {
    expect(parseDuration(text)).toBe(want);
  });

  it("reads back what formatDuration writes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 10 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBeCloseTo(ms, 6);
      }),
    );
  });
});
