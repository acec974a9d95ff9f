import { beforeEach, describe, expect, it } from "@jest/globals";
import { flowMetrics, MetricRegistry } from "#metrics";
import { flowOutcomes } from "../../../../../picker/flow/flow-events.ts";
import type { FlowRequest } from "../../../../../picker/flow/flow-request.ts";
import { FlowMetrics } from "../../../../../picker/flow/report/flow-metrics.ts";
import { outcomeLabels, waitOutcome } from "../../../../../picker/flow/report/flow-series.ts";
import { exampleTable } from "../../../../support/attainment.ts";

const pool = "pool";
const request = (objective: string): FlowRequest => ({
  id: "request-1",
  objective,
  fairnessId: "default-flow",
  priority: 0,
  bytes: 100,
  promptTokens: 30,
  expectedOutputTokens: 70,
  arrivedAtMs: 0,
  expiresAtMs: undefined,
  ttftDeadlineAtMs: undefined,
});

let registry: MetricRegistry;
let metrics: FlowMetrics;

beforeEach(() => {
  registry = new MetricRegistry();
  metrics = new FlowMetrics({ registry, pool });
});

const all = flowOutcomes.map((outcome) => ({ outcome, label: outcomeLabels[outcome] }));
const nonZero = (spec: typeof flowMetrics.outcomesTotal | typeof flowMetrics.wouldOutcomesTotal) =>
  registry
    .values(spec)
    .filter(({ value }) => value !== 0)
    .map(({ labels, value }) => [labels.objective, labels.outcome, value]);
const waits = () =>
  registry
    .histograms(flowMetrics.waitSeconds)
    .filter(({ histogram }) => histogram.count > 0)
    .map(({ labels, histogram }) => [labels.objective, labels.outcome, histogram.count, histogram.sum]);

describe("FlowMetrics", () => {
  it("has every series of every objective at 0 from the start", () => {
    metrics.useObjectives(exampleTable);
    const objectives = exampleTable.entries.map(({ name }) => name);
    expect(objectives).toHaveLength(5);
    for (const objective of objectives) {
      const labels = { pool, objective };
      const outcomes = registry.values(flowMetrics.outcomesTotal, labels);
      expect(outcomes.map(({ value }) => value)).toEqual(flowOutcomes.map(() => 0));
      expect(registry.values(flowMetrics.wouldOutcomesTotal, labels)).toHaveLength(flowOutcomes.length);
      expect(registry.histograms(flowMetrics.waitSeconds, labels)).toHaveLength(3);
      expect(registry.values(flowMetrics.wouldTtftTotal, labels).map(({ value }) => value)).toEqual([0, 0]);
      for (const spec of [flowMetrics.dispatchedTokensTotal, flowMetrics.evictedTotal, flowMetrics.demotedTotal]) {
        expect(registry.value(spec, labels)).toBe(0);
      }
    }
    expect(registry.values(flowMetrics.escalationsDeniedTotal, { pool })).toHaveLength(2);
  });

  it("makes no series while it counts for known objectives", () => {
    metrics.useObjectives(exampleTable);
    const count = (): number => registry.families().reduce((sum, { series }) => sum + series.length, 0);
    const before = count();
    for (const { outcome } of all) {
      metrics.left(request("chat"), outcome, 10);
      metrics.would(request("chat"), outcome);
    }
    metrics.evicted(request("chat"));
    metrics.demoted(request("chat"));
    metrics.wouldTtft(request("chat"), "met");
    metrics.escalationDenied("above-ceiling");
    expect(count()).toBe(before);
  });

  it.each(all)("counts a request that leaves with $outcome as $label, and its wait", ({ outcome, label }) => {
    metrics.left(request("chat"), outcome, 1500);
    expect(label).toBe(outcome.replaceAll("-", "_"));
    expect(nonZero(flowMetrics.outcomesTotal)).toEqual([["chat", label, 1]]);
    expect(waits()).toEqual([["chat", waitOutcome(outcome), 1, 1.5]]);
    expect(nonZero(flowMetrics.wouldOutcomesTotal)).toEqual([]);
  });

  it("tells three ways of leaving apart in the wait", () => {
    expect(all.map(({ outcome }) => waitOutcome(outcome))).toEqual([
      "dispatched",
      "client_gone",
      ...all.slice(2).map(() => "refused"),
    ]);
  });

  it("observes a request that did not wait in the lowest bucket", () => {
    metrics.left(request("chat"), "dispatched", 0);
    expect(registry.histogramOf(flowMetrics.waitSeconds)?.counts[0]).toBe(1);
  });

  it("charges the tokens of dispatched requests only", () => {
    for (const { outcome } of all) metrics.left(request("batch"), outcome, 0);
    expect(registry.value(flowMetrics.dispatchedTokensTotal, { pool, objective: "batch" })).toBe(100);
  });

  it.each(all)("counts what enforcing would have done with $outcome beside what was done", ({ outcome, label }) => {
    metrics.would(request("batch"), outcome);
    expect(nonZero(flowMetrics.wouldOutcomesTotal)).toEqual([["batch", label, 1]]);
    expect(nonZero(flowMetrics.outcomesTotal)).toEqual([]);
  });

  it("counts the first tokens that would have been in time", () => {
    for (const verdict of ["met", "met", "missed"] as const) metrics.wouldTtft(request("chat"), verdict);
    const labels = { pool, objective: "chat" };
    expect(registry.value(flowMetrics.wouldTtftTotal, { ...labels, verdict: "met" })).toBe(2);
    expect(registry.value(flowMetrics.wouldTtftTotal, { ...labels, verdict: "missed" })).toBe(1);
  });

  it("counts evictions, and demotions under what was demoted", () => {
    metrics.evicted(request("batch"));
    metrics.demoted(request("chat"));
    expect(registry.value(flowMetrics.evictedTotal, { objective: "batch" })).toBe(1);
    expect(registry.value(flowMetrics.evictedTotal, { objective: "chat" })).toBe(0);
    expect(registry.value(flowMetrics.demotedTotal, { objective: "chat" })).toBe(1);
    expect(registry.value(flowMetrics.demotedTotal, { objective: "batch" })).toBe(0);
  });

  it.each([
    ["above-ceiling", "above_ceiling"],
    ["not-allowed", "not_allowed"],
  ] as const)("counts a denial that was %s", (reason, label) => {
    metrics.escalationDenied(reason);
    const denied = registry.values(flowMetrics.escalationsDeniedTotal).filter(({ value }) => value > 0);
    expect(denied).toEqual([{ labels: { pool, reason: label }, value: 1 }]);
  });
});
