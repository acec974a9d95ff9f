import { describe, expect, it } from "@jest/globals";
import { defaultPeriodMs } from "#objective";
import { LoadSpecError, parseObjective, parseObjectives } from "../../../load/objective-spec.ts";
import type { LoadObjective } from "../../../load/objective.ts";

const steady = { shape: "steady", wavePeriodMs: 60_000 } as const;

describe("parseObjective", () => {
  it("reads every key", () => {
    const spec =
      "name=chat, rate=5,prompt=200-400,output=~50:0.8,ttft=500ms,tpot=50ms,e2e=1.5s,target=0.95,shed=excluded,priority=-1,shared=0.5,prefix=128,prefixes=3,stream=0.9,api=messages";
    expect(parseObjective(spec, steady)).toEqual({
      name: "chat",
      rate: { kind: "constant", perSecond: 5 },
      prompt: { kind: "uniform", from: 200, to: 400 },
      output: { kind: "lognormal", median: 50, sigma: 0.8 },
      sharedShare: 0.5,
      prefixTokens: 128,
      prefixCount: 3,
      streamShare: 0.9,
      api: "messages",
      priority: -1,
      level: {
        thresholds: { ttftMs: 500, tpotMs: 50, e2eMs: 1500 },
        target: 0.95,
        periodMs: defaultPeriodMs,
        sheddedAs: "excluded",
      },
    });
  });

  it("has documented defaults and no level without thresholds", () => {
    expect(parseObjective("name=a,rate=1", steady)).toEqual({
      name: "a",
      rate: { kind: "constant", perSecond: 1 },
      prompt: { kind: "fixed", tokens: 200 },
      output: { kind: "fixed", tokens: 50 },
      sharedShare: 0,
      prefixTokens: 256,
      prefixCount: 8,
      streamShare: 1,
      api: "chat",
      priority: 0,
      level: undefined,
    });
  });

  it.each<{ text: string; shape: "steady" | "wave"; want: LoadObjective["rate"] }>([
    { text: "0.5", shape: "steady", want: { kind: "constant", perSecond: 0.5 } },
    { text: "5", shape: "wave", want: { kind: "wave", lowPerSecond: 1, highPerSecond: 9, periodMs: 60_000 } },
    { text: "2..20", shape: "steady", want: { kind: "wave", lowPerSecond: 2, highPerSecond: 20, periodMs: 60_000 } },
    {
      text: "2/10@30s/0@1m",
      shape: "wave",
      want: {
        kind: "steps",
        steps: [
          { fromMs: 0, perSecond: 2 },
          { fromMs: 30_000, perSecond: 10 },
          { fromMs: 60_000, perSecond: 0 },
        ],
      },
    },
  ])("reads rate $text as $want.kind", ({ text, shape, want }) => {
    const { rate } = parseObjective(`name=a,rate=${text}`, { shape, wavePeriodMs: 60_000 });
    expect(
      JSON.parse(JSON.stringify(rate), (_, value) => (typeof value === "number" ? Number(value.toFixed(9)) : value)),
    ).toEqual(want);
  });

  it.each([
    { spec: "rate=5", key: "name", found: "nothing" },
    { spec: "name=a", key: "rate", found: "nothing" },
    { spec: "name=a,rate", key: "rate", found: "no =" },
    { spec: "", key: "(empty)", found: "no =" },
    { spec: "name=Chat,rate=5", key: "name", found: '"Chat"' },
    { spec: "name=a,rate=fast", key: "rate", found: '"fast"' },
    { spec: "name=a,rate=0", key: "rate", found: '"0"' },
    { spec: "name=a,rate=-1", key: "rate", found: '"-1"' },
    { spec: "name=a,rate=20..2", key: "rate", found: '"20..2"' },
    { spec: "name=a,rate=2/3", key: "rate", found: '"2/3"' },
    { spec: "name=a,rate=2/3@9s/4@5s", key: "rate", found: '"2/3@9s/4@5s"' },
    { spec: "name=a,rate=5,prompt=0", key: "prompt", found: '"0"' },
    { spec: "name=a,rate=5,prompt=9-3", key: "prompt", found: '"9-3"' },
    { spec: "name=a,rate=5,prompt=9999999", key: "prompt", found: '"9999999"' },
    { spec: "name=a,rate=5,ttft=500", key: "ttft", found: '"500"' },
    { spec: "name=a,rate=5,ttft=0", key: "ttft", found: '"0"' },
    { spec: "name=a,rate=5,ttft=1s,target=1", key: "target", found: '"1"' },
    { spec: "name=a,rate=5,ttft=1s,target=99", key: "target", found: '"99"' },
    { spec: "name=a,rate=5,target=0.9", key: "target", found: '"0.9"' },
    { spec: "name=a,rate=5,shed=excluded", key: "shed", found: '"excluded"' },
    { spec: "name=a,rate=5,prefix=10", key: "prefix", found: '"10"' },
    { spec: "name=a,rate=5,stream=1.1", key: "stream", found: '"1.1"' },
    { spec: "name=a,rate=5,api=grpc", key: "api", found: '"grpc"' },
    { spec: "name=a,rate=5,tftt=1s", key: "tftt", found: "an unknown key" },
    { spec: "name=a,rate=5,rate=6", key: "rate", found: "it twice" },
  ])("refuses $spec", ({ spec, key, found }) => {
    let caught: unknown;
    try {
      parseObjective(spec, steady);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(LoadSpecError);
    expect((caught as LoadSpecError).data).toEqual({ code: "LOAD_SPEC", spec, key, found });
    expect((caught as LoadSpecError).message).toContain(`--objective "${spec}": ${key}: found ${found}, allowed is `);
  });
});

it("parseObjectives refuses none and a name given twice", () => {
  expect(() => parseObjectives([], steady)).toThrow("at least one");
  expect(() => parseObjectives(["name=a,rate=1", "name=a,rate=2"], steady)).toThrow('found "a" again');
  expect(parseObjectives(["name=a,rate=1", "name=b,rate=2"], steady).map(({ name }) => name)).toEqual(["a", "b"]);
});
