import { describe, expect, it } from "@jest/globals";
import { flowOutcomes } from "../../../picker/flow/flow-events.ts";
import {
  heldInWords,
  omittedInWords,
  stateInWords,
  stateOf,
  unservedInWords,
  wouldInWords,
} from "../../../web/page/flow-words.ts";
import type { Flow } from "../../../web/page/snapshot.ts";

const flowOf = (given: Partial<Flow> = {}): Flow => ({
  admission: "queue",
  enforcement: "enforce",
  mode: "normal",
  bands: [],
  omittedBands: 0,
  held: { requests: 0, tokens: 0 },
  expectedColdStartSeconds: 60,
  outcomes: [],
  would: [],
  ...given,
});

describe("the state of flow control in words", () => {
  it.each<{ given: Partial<Flow>; says: string; state: string }>([
    { given: {}, says: "dispatching by metrics and count", state: "normal" },
    {
      given: { mode: "concurrency-only" },
      says: "dispatching by count: no fresh metrics",
      state: "attention",
    },
    { given: { mode: "no-endpoints" }, says: "no endpoints: requests wait for the first one", state: "attention" },
    {
      given: { enforcement: "observe" },
      says: "dispatching by metrics and count; observing: nothing is refused or held, and this is what would be",
      state: "normal",
    },
    {
      given: { admission: "legacy" },
      says: "dispatching by metrics and count; nothing waits: sheddable requests are refused while the pool is full",
      state: "normal",
    },
  ])("$says", ({ given, says, state }) => {
    expect(stateInWords(flowOf(given))).toBe(says);
    expect(stateOf(flowOf(given))).toBe(state);
  });
});

describe("what was not served", () => {
  it("is what left without an endpoint, most first, and how often a second", () => {
    const outcomes = [
      { outcome: "dispatched", count: 5000, perSecond: 16.7 },
      { outcome: "client-gone", count: 3, perSecond: 0.01 },
      { outcome: "saturated", count: 1200, perSecond: 4 },
      { outcome: "late", count: 3600, perSecond: 12.4 },
    ];
    expect(unservedInWords(flowOf({ outcomes }), 300)).toBe(
      "Not dispatched in the last 5 min: too late 3,600 (12/s), saturated 1,200 (4/s), client left 3 (0.01/s).",
    );
  });

  it("has a word for every outcome, and shows one it does not know as it is", () => {
    const words = (outcome: string): string => unservedInWords(flowOf({ outcomes: [{ outcome, count: 1 }] }), 300);
    const unserved = flowOutcomes.filter((outcome) => outcome !== "dispatched");
    expect(unserved.filter((outcome) => /[a-z]-[a-z]/.test(words(outcome)))).toEqual([]);
    expect(new Set(unserved.map(words)).size).toBe(unserved.length);
    expect(words("from-tomorrow")).toBe("Not dispatched in the last 5 min: from-tomorrow 1.");
  });

  it("is told apart from nothing at all", () => {
    expect(unservedInWords(flowOf({ outcomes: [{ outcome: "dispatched", count: 1 }] }), 300)).toBe(
      "Every request was dispatched in the last 5 min.",
    );
    expect(unservedInWords(flowOf(), 300)).toBe("No request was decided in the last 5 min.");
  });
});

describe("what is held for the first endpoint", () => {
  it.each([
    [{ requests: 0, tokens: 0 }, ""],
    [
      { requests: 1, tokens: 90 },
      "1 request waits for the first endpoint (90 tokens); a start is expected to take 60 s.",
    ],
    [
      { requests: 12, tokens: 3000, oldestAgeSeconds: 31.5 },
      "12 requests wait for the first endpoint (3,000 tokens), the oldest for 31.5 s; a start is expected to take 60 s.",
    ],
  ])("%o: %s", (held, says) => expect(heldInWords(flowOf({ held }))).toBe(says));
});

describe("what enforcing would do", () => {
  const would = [
    { objective: "chat", refusedShare: 0, ttftMetShare: 0.992 },
    { objective: "batch", refusedShare: 0.0314 },
  ];

  it("is said of each objective while flow control observes", () => {
    expect(wouldInWords(flowOf({ enforcement: "observe", would }), 300)).toBe(
      "Enforcing, in the last 5 min: chat 0.0 % refused, first token in time for 99.2 % of the rest; batch 3.1 % refused.",
    );
    expect(wouldInWords(flowOf({ enforcement: "observe" }), 300)).toBe(
      "Enforcing would have changed nothing in the last 5 min.",
    );
  });

  it("is not said while it enforces", () => expect(wouldInWords(flowOf({ would }), 300)).toBe(""));
});

it("bands that are left out are counted", () => {
  expect(omittedInWords(flowOf())).toBe("");
  expect(omittedInWords(flowOf({ omittedBands: 7 }))).toBe("7 more of lower priorities.");
});
