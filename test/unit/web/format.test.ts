import { describe, expect, it } from "@jest/globals";
import { count, duration, measured, share, shortNames, targetShare, times } from "../../../web/page/format.ts";

describe("figures", () => {
  it("are a dash where nothing is known", () => {
    const texts = [count(undefined), duration(undefined), measured(undefined), share(undefined, 1)];
    expect([...texts, targetShare(undefined), times(undefined)]).toEqual(Array.from({ length: 6 }, () => "–"));
  });

  it.each([
    [0, "0 ms", "0.00 ms"],
    [0.000_321_4, "321 µs", "321 µs"],
    [0.000_999_9, "1 ms", "1.00 ms"],
    [0.019, "19 ms", "19.0 ms"],
    [0.5, "500 ms", "500 ms"],
    [0.999_9, "1 s", "1.00 s"],
    [1.25, "1.25 s", "1.25 s"],
    [20, "20 s", "20.0 s"],
    [119, "119 s", "119 s"],
    [120, "2 min", "2.00 min"],
    [3600, "60 min", "60.0 min"],
  ])("say %d seconds as %s, and in a column as %s", (seconds, short, column) => {
    expect([duration(seconds), measured(seconds)]).toEqual([short, column]);
  });

  it("say shares of a hundred", () => {
    expect([share(0.988_34, 2), share(-1.034, 0), share(1, 2)]).toEqual(["98.83 %", "−103 %", "100.00 %"]);
    expect([0.5, 0.99, 0.9995, 0.9999].map((target) => targetShare(target))).toEqual([
      "50 %",
      "99 %",
      "99.95 %",
      "99.99 %",
    ]);
  });

  it("say how fast a budget burns, and counts in groups", () => {
    expect([times(0), times(14.42), times(1234)]).toEqual(["0.0×", "14.4×", "1234×"]);
    expect(count(1_234_567)).toBe("1,234,567");
  });
});

describe("shortNames", () => {
  it("leaves out the namespace while names differ without it", () => {
    expect([...shortNames(["default/a", "default/b"])]).toEqual([
      ["default/a", "a"],
      ["default/b", "b"],
    ]);
    expect([...shortNames(["one/a", "two/a"]).values()]).toEqual(["one/a", "two/a"]);
    expect(shortNames([]).size).toBe(0);
  });
});
