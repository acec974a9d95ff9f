import { describe, expect, it } from "@jest/globals";
import { parseMetricSpec, selectSamples } from "../../../../picker/state/metric-spec.ts";

describe("parseMetricSpec", () => {
  it.each([
    { text: "vllm:num_requests_waiting", want: { name: "vllm:num_requests_waiting", labels: [] } },
    { text: "m{}", want: { name: "m", labels: [] } },
    { text: "m{a=b}", want: { name: "m", labels: [{ name: "a", value: "b" }] } },
    {
      text: " m { a = \"b c\" , d='e', } ",
      want: {
        name: "m",
        labels: [
          { name: "a", value: "b c" },
          { name: "d", value: "e" },
        ],
      },
    },
    { text: 'm{a=""}', want: { name: "m", labels: [{ name: "a", value: "" }] } },
    { text: "m{a=b", want: undefined },
    { text: "m{a}", want: undefined },
    { text: "m{a=~b}", want: { name: "m", labels: [{ name: "a", value: "~b" }] } },
    { text: "m{a!=b}", want: undefined },
    { text: "rate(m[1m])", want: undefined },
    { text: "1m", want: undefined },
    { text: "", want: undefined },
  ])("reads $text", ({ text, want }) => expect(parseMetricSpec(text)).toEqual(want));
});

describe("selectSamples", () => {
  it("wants every label of the spec and no more", () => {
    const page = 'm{a="1",b="2"} 1\nm{b="2",a="1",c="3"} 2\nm{a="1"} 3\nm{a="11",b="2"} 4\n';
    const spec = parseMetricSpec("m{a=1,b=2}");
    expect(spec && selectSamples(page, spec).map(({ value }) => value)).toEqual([1, 2]);
  });
});
