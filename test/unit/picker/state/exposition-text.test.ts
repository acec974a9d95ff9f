import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { labelValue, samplesOf } from "../../../../picker/state/exposition-text.ts";

const valuesOf = (text: string, name = "m"): readonly number[] => samplesOf(text, name).map(({ value }) => value);

describe("samplesOf", () => {
  it.each([
    { why: "has no labels", line: "m 3", want: [3] },
    { why: "has labels", line: 'm{a="1",b="2"} 3', want: [3] },
    { why: "has empty labels", line: "m{} 3", want: [3] },
    { why: "has a blank before the labels", line: 'm {a="1"} 3', want: [3] },
    { why: "has a timestamp", line: "m 3 1700000000000", want: [3] },
    { why: "has tabs", line: "m\t3\t1", want: [3] },
    { why: "has an exemplar", line: 'm{a="1"} 3 # {trace_id="x"} 9 1.5', want: [3] },
    { why: "ends in CRLF", line: "m 3\r", want: [3] },
    { why: "has a brace in a label", line: 'm{a="}{",b="\\"}"} 3', want: [3] },
    { why: "is infinite", line: "m +Inf", want: [Infinity] },
    { why: "is negative infinite", line: "m -Inf", want: [-Infinity] },
    { why: "is not a number", line: "m NaN", want: [Number.NaN] },
    { why: "has an exponent", line: "m 1.5e+09", want: [1.5e9] },
    { why: "has a broken value", line: "m 3x", want: [Number.NaN] },
    { why: "has no value", line: "m", want: [] },
    { why: "has blanks instead of a value", line: "m  ", want: [] },
    { why: "never closes its labels", line: 'm{a="1" 3', want: [] },
    { why: "is of a longer name", line: "m_total 3", want: [] },
    { why: "is of a longer name at its front", line: "xm 3", want: [] },
    { why: "is a comment", line: "# TYPE m gauge", want: [] },
    { why: "has the name in a label", line: 'n{a="m 3"} 4', want: [] },
  ])("gives $want for a line that $why", ({ line, want }) => {
    for (const page of [line, `${line}\n`, `n 1\n${line}\nn 2\n`, `# HELP m m 7\n# TYPE m gauge\n${line}`]) {
      expect(valuesOf(page)).toEqual(want);
    }
  });

  it("gives every series of the family in order, and looks past longer names", () => {
    const page = 'm_total 9\n# TYPE m gauge\nm{r="0"} 1\nm{r="1"} 2\nmm 8\nm_total 7\n';
    expect(samplesOf(page, "m")).toEqual([
      { labels: 'r="0"', value: 1 },
      { labels: 'r="1"', value: 2 },
    ]);
  });

  it("finds what was written among any other lines", () => {
    const other = fc.constantFrom(
      "# HELP m x",
      "m_bucket 4",
      "other 1",
      "",
      "# m 1",
      'x{y="m"} 2',
      "garbage {",
      "m_total{a=",
    );
    const family = fc.array(fc.double({ noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(
        fc.array(other),
        family,
        fc.array(other),
        fc.constantFrom("\n", "\r\n"),
        (before, values, after, end) => {
          const lines = values.map((value, index) => `m{i="${index}"} ${value}`);
          const want = values.map((value) => Number(`${value}`));
          expect(valuesOf([...before, ...lines, ...after].join(end))).toEqual(want);
        },
      ),
    );
  });

  it("never throws on any text", () => {
    const nasty = fc.string({ unit: fc.constantFrom("m", "{", "}", '"', "\\", " ", "\n", "=", "1", "#") });
    fc.assert(fc.property(nasty, (text) => expect(Array.isArray(samplesOf(text, "m"))).toBe(true)));
  });
});

describe("labelValue", () => {
  it.each([
    { labels: 'a="1",b="2"', name: "b", want: "2" },
    { labels: 'a="1",b="2",', name: "b", want: "2" },
    { labels: 'a = "1" , b="2"', name: "b", want: "2" },
    { labels: 'ab="1",b="2"', name: "b", want: "2" },
    { labels: 'a="b=\\"3\\"",b="2"', name: "b", want: "2" },
    { labels: 'b="x\\"y\\\\z\\nw"', name: "b", want: 'x"y\\z\nw' },
    { labels: 'b=""', name: "b", want: "" },
    { labels: '"b.c"="1"', name: "b.c", want: "1" },
    { labels: 'a="1"', name: "b", want: undefined },
    { labels: "", name: "b", want: undefined },
    { labels: 'a="b"', name: "b", want: undefined },
    { labels: "broken", name: "broken", want: undefined },
  ])("of $name in $labels is $want", ({ labels, name, want }) => expect(labelValue(labels, name)).toBe(want));
});
