import { describe, expect, it } from "@jest/globals";
import { agoText, counted, percentText, spanText } from "../../../console/figures.ts";

describe("figures", () => {
  it.each([
    { seconds: undefined, want: "–" },
    { seconds: 0, want: "0 ms" },
    { seconds: 0.000_31, want: "0.31 ms" },
    { seconds: 0.0756, want: "75.6 ms" },
    { seconds: 0.612, want: "612 ms" },
    { seconds: 1.999, want: "1999 ms" },
    { seconds: 2, want: "2 s" },
    { seconds: 24.94, want: "24.9 s" },
    { seconds: 119, want: "119 s" },
    { seconds: 180, want: "3 min" },
  ])("writes $seconds s as $want", ({ seconds, want }) => expect(spanText(seconds)).toBe(want));

  it.each([
    { seconds: 3.7, want: "4 s" },
    { seconds: 119, want: "119 s" },
    { seconds: 120, want: "2 min" },
    { seconds: 7200, want: "2 h" },
  ])("writes $seconds s ago as $want", ({ seconds, want }) => expect(agoText(seconds)).toBe(want));

  it("writes shares and counts", () => {
    expect([percentText(0.954), percentText(undefined)]).toEqual(["95 %", "–"]);
    expect([counted(1, "miss", "misses"), counted(0, "miss", "misses"), counted(2, "endpoint")]).toEqual([
      "1 miss",
      "0 misses",
      "2 endpoints",
    ]);
  });
});
