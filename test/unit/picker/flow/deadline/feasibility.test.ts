import { expect, it } from "@jest/globals";
import { infeasibleForMs } from "../../../../../picker/flow/deadline/feasibility.ts";
import type { WaitPrediction } from "../../../../../picker/flow/refusal/drain-rate.ts";

const known = (waitMs: number): WaitPrediction => ({ kind: "known", waitMs, spreadMs: 0, basis: "drain" }) as const;

it.each<{ name: string; atMs: number | undefined; wait: WaitPrediction; want: number | undefined }>([
  { name: "in time", atMs: 1500, wait: known(500), want: undefined },
  { name: "too late by the rest", atMs: 1500, wait: known(800), want: 300 },
  { name: "past its limit already", atMs: 900, wait: known(800), want: 800 },
  { name: "without a limit", atMs: undefined, wait: known(1e9), want: undefined },
  { name: "with nothing measured", atMs: 1500, wait: { kind: "unknown" }, want: undefined },
  { name: "behind traffic that takes everything", atMs: 1500, wait: { kind: "infinite" }, want: Infinity },
])("a request $name: $want", ({ atMs, wait, want }) =>
  expect(infeasibleForMs({ atMs, isLate: false }, wait, 1000)).toBe(want),
);
