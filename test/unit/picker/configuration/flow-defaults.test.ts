import { describe, expect, it } from "@jest/globals";
import { defaultConfiguration, loadConfiguration } from "../../../../picker/configuration/load.ts";
import { checkSettings } from "../../../../picker/flow/queue/settings.ts";
import type { FlowSettings } from "../../../../picker/flow/settings.ts";

const header = "apiVersion: llm-d.ai/v1alpha1\nkind: EndpointPickerConfig\n";
const flowOf = (text: string): FlowSettings =>
  loadConfiguration(header + text, { file: "c", allowExperimental: true, refreshIntervalMs: 50 }).flow;

describe("defaults", () => {
  const { flow } = defaultConfiguration();

  it.each<[key: string, found: (flow: FlowSettings) => unknown, value: unknown]>([
    ["maxBytes", ({ queue }) => queue.maxBytes, undefined],
    ["maxRequests", ({ queue }) => queue.maxRequests, undefined],
    ["defaultRequestTTL", ({ ttl }) => ttl.dynamicMs, 60_000],
    ["noEndpointRequestTTL", ({ holdForZero }) => holdForZero.budgetMs, 60_000],
    ["priorityBands", ({ queue }) => [...queue.bands.keys()], [0]],
    ["priorityBands[].maxBytes", ({ queue }) => queue.bands.get(0)?.maxBytes, 1_000_000_000],
    ["priorityBands[].maxRequests", ({ queue }) => queue.bands.get(0)?.maxRequests, 5000],
    ["priorityBands[].orderingPolicyRef", ({ queue }) => queue.bands.get(0)?.ordering, "fcfs"],
    ["usageLimitPolicyPluginRef", (f) => f.usageLimit, { type: "static-usage-limit-policy", ceiling: 1 }],
    ["enableEviction", ({ eviction }) => eviction, undefined],
    ["flow GC", ({ queue }) => queue.idleFlowMs, 300_000],
    ["band GC", ({ queue }) => queue.idleBandMs, 600_000],
  ])("%s is the field's", (_key, found, value) => expect(found(flow)).toEqual(value));

  it.each<[key: string, found: (flow: FlowSettings) => unknown, value: unknown]>([
    ["the feature gate is on", ({ admission }) => admission, "queue"],
    ["saturationDetector", ({ detector }) => detector.type, "ledger-detector"],
    ["fairnessPolicyRef", ({ queue }) => queue.dynamicBand.fairness.kind, "weighted-cost"],
  ])("%s differs from the field", (_key, found, value) => expect(found(flow)).toBe(value));

  it.each<[type: string, found: (flow: FlowSettings) => unknown, value: unknown]>([
    [
      "utilization-detector",
      ({ detector }) => detector,
      {
        type: "utilization-detector",
        maxWaitingRequests: 5,
        maxKvCacheUsage: 0.8,
        staleAfterMs: 200,
        headroomRatio: 0,
        maxRequestsWithoutMetrics: 100,
      },
    ],
    [
      "concurrency-detector",
      ({ detector }) => detector,
      {
        type: "concurrency-detector",
        mode: "requests",
        maxRequests: 100,
        maxTokens: 1_000_000,
        headroomRatio: 0,
      },
    ],
  ])("of %s are the field's", (type, found, value) =>
    expect(
      found(flowOf(`plugins: [{type: ${type}}]\nflowControl: {saturationDetector: {pluginRef: ${type}}}`)),
    ).toEqual(value),
  );

  it.each([
    [
      "program-aware-fairness",
      {
        kind: "program-aware",
        serviceWeight: 0.8,
        headWaitWeight: 0.2,
        halfLifeMs: 60_000,
        forgetAfterMs: 3_600_000,
      },
    ],
    ["round-robin-fairness-policy", { kind: "round-robin" }],
    ["global-strict-fairness-policy", { kind: "global-strict" }],
    ["weighted-cost-fairness-policy", { kind: "weighted-cost", flowWeights: new Map(), objectiveWeights: new Map() }],
  ])("of %s", (type, value) => {
    const text = `plugins: [{type: ${type}, name: f}]\nflowControl: {defaultPriorityBand: {fairnessPolicyRef: f}}`;
    expect(flowOf(text).queue.dynamicBand.fairness).toEqual(value);
  });

  it.each([
    ["static-usage-limit-policy", "{}", { type: "static-usage-limit-policy", ceiling: 1 }],
    [
      "priority-holdback-policy",
      "{minCeiling: 0}",
      { type: "priority-holdback-policy", domain: "rank", minCeiling: 0, maxCeiling: 1 },
    ],
    ["soft-reflective-ceiling-policy", "{}", { type: "soft-reflective-ceiling-policy" }],
  ])("of %s with %s", (type, parameters, value) => {
    const plugin = `{type: ${type}, name: limit, parameters: ${parameters}}`;
    const text = `plugins: [${plugin}]\nflowControl: {usageLimitPolicyPluginRef: limit}`;
    expect(flowOf(text).usageLimit).toEqual(value);
  });
});

it("gives settings that the queue accepts", () => {
  expect(() => checkSettings(defaultConfiguration().flow.queue)).not.toThrow();
});
