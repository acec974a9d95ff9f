import { describe, expect, it } from "@jest/globals";
import { loadConfiguration } from "../../../../picker/configuration/load.ts";
import { createDetector, createUsageLimit } from "../../../../picker/flow/create-detector.ts";
import type { DetectorSettings } from "../../../../picker/flow/settings.ts";
import { ttlOf } from "../../../../picker/flow/settings.ts";
import { inFlightOf, snapshotOf } from "../../../support/scheduling-cycle.ts";

const header = "apiVersion: llm-d.ai/v1alpha1\nkind: EndpointPickerConfig\n";
const flowOf = (text: string) =>
  loadConfiguration(header + text, { file: "c", allowExperimental: true, refreshIntervalMs: 50 }).flow;

describe("ttlOf", () => {
  const ttl = {
    ofBandMs: new Map([
      [1, 5],
      [2, undefined],
    ]),
    dynamicMs: 10,
    dynamicNegativeMs: 20,
    header: "x",
    perTtft: undefined,
  };

  it.each([
    [1, 5],
    [2, undefined],
    [0, 10],
    [3, 10],
    [-1, 20],
  ])("of priority %d is %s", (priority, ms) => expect(ttlOf(ttl, priority)).toBe(ms));
});

describe("a detector", () => {
  const full: readonly (readonly [DetectorSettings["type"], string])[] = [
    ["ledger-detector", "{maxConcurrency: 2}"],
    ["concurrency-detector", "{maxConcurrency: 2}"],
    ["utilization-detector", "{queueDepthThreshold: 2}"],
  ];

  it.each(full)("%s with %s holds two, of requests or of those that wait", (type, parameters) => {
    const { detector } = flowOf(`plugins: [{type: ${type}, parameters: ${parameters}}]
flowControl: {saturationDetector: {pluginRef: ${type}}}`);
    const roomWith = (requests: number): boolean => {
      const metrics = { waitingRequests: requests, runningRequests: 0, kvCacheUsageRatio: 0 };
      const snapshot = snapshotOf([{ metrics }]);
      const made = createDetector(detector, inFlightOf([requests]));
      made.update(snapshot, 0);
      return made.hasRoom(snapshot.endpoints[0]!, 1);
    };
    expect([roomWith(1), roomWith(2)]).toEqual([true, false]);
  });
});

describe("a usage-limit policy", () => {
  it.each([
    ["static-usage-limit-policy, parameters: {threshold: 0.7}", [0.7, 0.7, 0.7]],
    ["priority-holdback-policy, parameters: {minCeiling: 0.4, domain: value}", [1, 0.64, 0.4]],
    ["soft-reflective-ceiling-policy", [1, 1, 0]],
  ])("%s", (plugin, ceilings) => {
    const { usageLimit } = flowOf(`plugins: [{name: limit, type: ${plugin}}]
flowControl: {usageLimitPolicyPluginRef: limit}`);
    const out = new Float64Array(3);
    createUsageLimit(usageLimit).ceilings(0.65, [5, 2, 0], out);
    for (const [index, ceiling] of ceilings.entries()) expect(out[index]).toBeCloseTo(ceiling);
  });
});
