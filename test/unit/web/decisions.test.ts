import { describe, expect, it } from "@jest/globals";
import { merge, visible } from "../../../web/page/decision-store.ts";
import { missesInWords, crossings } from "../../../web/page/news.ts";
import { explanation } from "../../../web/page/reason.ts";
import type { Decision } from "../../../web/page/snapshot.ts";

const decision = (sequence: number, more: Partial<Decision> = {}): Decision => ({
  sequence,
  id: `r${sequence}`,
  endedAtWallMs: sequence,
  objective: "chat",
  verdict: "met",
  elapsedSeconds: 1,
  outputTokens: 10,
  ...more,
});
const missed = (sequence: number, reason = "ttft", objective = "chat"): Decision =>
  decision(sequence, { verdict: "missed", reason, objective });
const all = { objective: undefined, missedOnly: false };
const sequences = (decisions: readonly Decision[]) => decisions.map(({ sequence }) => sequence);

describe("merge", () => {
  it("has each decision once, newest first", () => {
    const known = merge([], [decision(3), decision(1)]);
    expect(sequences(merge(known, [decision(4), decision(3), missed(2)]))).toEqual([4, 3, 2, 1]);
  });

  it("is the same list when nothing was told", () => {
    const known = merge([], [decision(1)]);
    expect(merge(known, [])).toBe(known);
  });

  it("keeps a bounded number, and misses however many others come", () => {
    const flood = Array.from({ length: 1000 }, (_, index) => decision(index + 10));
    const known = merge(merge([], [missed(1)]), flood);
    expect(known).toHaveLength(301);
    expect(sequences(known).at(-1)).toBe(1);
    expect(sequences(known)[0]).toBe(1009);
  });
});

describe("visible", () => {
  const decisions = [decision(4), missed(3, "ttft", "batch"), missed(2), decision(1, { objective: "batch" })];
  it.each([
    [all, [4, 3, 2, 1]],
    [{ ...all, missedOnly: true }, [3, 2]],
    [{ ...all, objective: "batch" }, [3, 1]],
    [{ objective: "chat", missedOnly: true }, [2]],
    [{ ...all, objective: "gone" }, []],
  ])("of %j is %j", (view, want) => {
    expect(sequences(visible(decisions, view, 10))).toEqual(want);
    expect(sequences(visible(decisions, view, 1))).toEqual(want.slice(0, 1));
  });
});

describe("explanation", () => {
  it.each<{ more: Partial<Decision>; want: string }>([
    { more: {}, want: "" },
    {
      more: { verdict: "missed", reason: "ttft", overSeconds: 0.12, longestWait: "firstByte" },
      want: "TTFT by 120 ms, mostly waiting for the first byte",
    },
    { more: { verdict: "missed", reason: "tpot", overSeconds: 0.001 }, want: "TPOT by 1 ms" },
    { more: { verdict: "missed", reason: "upstream_error", responseStatus: 503 }, want: "model server failed (503)" },
    { more: { verdict: "missed", reason: "no_endpoints", refusal: "no_endpoints" }, want: "no endpoint" },
    { more: { verdict: "missed", reason: "a_new_one" }, want: "a_new_one" },
    { more: { verdict: "excluded", refusal: "shed" }, want: "refused: shed" },
    { more: { verdict: "excluded", responseStatus: 404 }, want: "not judged (404)" },
    { more: { verdict: "excluded" }, want: "not judged" },
  ])("of $more is “$want”", ({ more, want }) => expect(explanation(decision(1, more))).toBe(want));
});

describe("news", () => {
  it("adds up misses by objective and reason, and only those in view", () => {
    const decisions = [missed(1), missed(2), missed(3, "no_endpoints", "batch"), decision(4)];
    expect(missesInWords(decisions, all)).toEqual(["chat missed: TTFT, 2 times.", "batch missed: no endpoint."]);
    expect(missesInWords(decisions, { ...all, objective: "batch" })).toEqual(["batch missed: no endpoint."]);
  });

  it("tells an objective that crosses its target, either way, once", () => {
    const chat = (attainment: number | undefined) => [
      { ...emptyObjective, name: "chat", target: 0.99, ...(attainment !== undefined && { attainment }) },
    ];
    expect(crossings(chat(0.99), chat(0.98), all)).toEqual(["chat is below its target of 99 %: 98.00 %."]);
    expect(crossings(chat(0.98), chat(0.995), all)).toEqual(["chat has reached its target of 99 %: 99.50 %."]);
    expect(crossings(chat(0.98), chat(0.97), all)).toEqual([]);
    expect(crossings([], chat(0.98), all)).toEqual([]);
    expect(crossings(chat(0.98), chat(undefined), all)).toEqual([]);
    expect(crossings(chat(0.99), chat(0.98), { ...all, objective: "batch" })).toEqual([]);
  });
});

const emptyObjective = {
  priority: 0,
  thresholds: {},
  met: 0,
  missed: 0,
  excluded: 0,
  untargeted: 0,
  inFlight: 0,
  missedBy: {},
  windows: [],
  steps: { met: [], missed: [] },
  distributions: {},
};
