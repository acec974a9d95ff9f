import { describe, expect, it } from "@jest/globals";
import { headersOf } from "#extproc";
import type { RequestOutcome, Verdict } from "#objective";
import { isKeptForItsOutcome, traceDecision } from "../../../../picker/tracing/sampling.ts";

const context = (flags: string): string => `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-${flags}`;

describe("traceDecision", () => {
  it.each([
    { name: "a root below the ratio", traceparent: undefined, parentBased: true, thrown: 0.09, want: "ratio" },
    { name: "a root at the ratio", traceparent: undefined, parentBased: true, thrown: 0.1, want: undefined },
    { name: "an unusable parent counts as none", traceparent: "garbage", parentBased: true, thrown: 0, want: "ratio" },
    { name: "a sampled parent", traceparent: context("01"), parentBased: true, thrown: 0.9, want: "parent" },
    { name: "an unsampled parent", traceparent: context("00"), parentBased: true, thrown: 0, want: undefined },
    {
      name: "a parent nobody asks, unlucky",
      traceparent: context("01"),
      parentBased: false,
      thrown: 0.9,
      want: undefined,
    },
    { name: "a parent nobody asks, lucky", traceparent: context("00"), parentBased: false, thrown: 0, want: "ratio" },
  ])("$name", ({ traceparent, parentBased, thrown, want }) => {
    const headers = headersOf(traceparent === undefined ? [] : [["Traceparent", traceparent]]);
    const { parent, sampledBy } = traceDecision(headers, { parentBased, ratio: 0.1 }, () => thrown);
    expect(sampledBy).toBe(want);
    expect(parent !== undefined).toBe(traceparent?.startsWith("00-") ?? false);
  });

  it.each([
    { ratio: 0, want: undefined },
    { ratio: 1, want: "ratio" },
  ])("a ratio of $ratio means all or nothing", ({ ratio, want }) => {
    for (const thrown of [0, 0.5, 1 - Number.EPSILON]) {
      expect(traceDecision(headersOf([]), { parentBased: true, ratio }, () => thrown).sampledBy).toBe(want);
    }
  });
});

describe("isKeptForItsOutcome", () => {
  const rows: readonly { outcome: RequestOutcome; verdict: Verdict; want: boolean }[] = [
    { outcome: { kind: "completed" }, verdict: "met", want: false },
    { outcome: { kind: "completed" }, verdict: "missed", want: true },
    { outcome: { kind: "completed" }, verdict: "untargeted", want: false },
    { outcome: { kind: "refused", reason: "shed" }, verdict: "missed", want: true },
    { outcome: { kind: "refused", reason: "shed" }, verdict: "excluded", want: true },
    { outcome: { kind: "refused", reason: "no_endpoints" }, verdict: "untargeted", want: true },
    { outcome: { kind: "upstream-error" }, verdict: "untargeted", want: true },
    { outcome: { kind: "client-gone" }, verdict: "excluded", want: false },
    { outcome: { kind: "invalid" }, verdict: "excluded", want: false },
    { outcome: { kind: "unobserved" }, verdict: "excluded", want: false },
  ];
  it.each(rows)("$outcome.kind, $verdict: $want", ({ outcome, verdict, want }) => {
    expect(isKeptForItsOutcome({ outcome }, { verdict })).toBe(want);
  });
});
