import { describe, expect, it } from "@jest/globals";
import { formatProblem } from "#config";
import { defaultConfiguration, loadConfiguration } from "../../../../picker/configuration/load.ts";
import type { ResolvedConfiguration } from "../../../../picker/configuration/resolved.ts";
import type { FlowSettings } from "../../../../picker/flow/settings.ts";

const header = "apiVersion: llm-d.ai/v1alpha1\nkind: EndpointPickerConfig\n";
const load = (text: string, refreshIntervalMs = 50): ResolvedConfiguration =>
  loadConfiguration(header + text, { file: "c", allowExperimental: true, refreshIntervalMs });
const flowOf = (text: string): FlowSettings => load(text).flow;
const warningsOf = (text: string) => load(text).warnings.map(formatProblem);

const fieldDetector = "plugins: [{type: utilization-detector}]\n";
const fieldFairness = "plugins: [{type: global-strict-fairness-policy}]\n";

describe("the feature gate", () => {
  it.each([
    ["", "queue"],
    ["featureGates: [flowControl]", "queue"],
    ["featureGates: [flowControl=true]", "queue"],
    ["featureGates: [flowControl=false]", "legacy"],
    ["featureGates: [flowControl, flowControl=false]", "legacy"],
  ])("%j", (text, admission) => expect(flowOf(text).admission).toBe(admission));

  it("switched off leaves of the section only the detector and whom to believe, and says what is ignored", () => {
    const text = `featureGates: [flowControl=false]
plugins: [{type: concurrency-detector}, {type: edf-ordering-policy}]
flowControl:
  saturationDetector: {pluginRef: concurrency-detector}
  maxRequests: 7
  enableEviction: true
  defaultPriorityBand: {orderingPolicyRef: edf-ordering-policy}
  attain: {mode: observe, objective: {unknown: refuse}}`;
    const defaults = defaultConfiguration().flow;
    const { detector, ...rest } = flowOf(text);
    const { detector: _, ...restOfDefaults } = defaults;
    expect(detector.type).toBe("concurrency-detector");
    const trust = { ...defaults.trust, unknownObjective: "refuse" };
    expect(rest).toEqual({ ...restOfDefaults, admission: "legacy", trust });
    expect(warningsOf(text)).toEqual([
      "c:6:3: flowControl: ignored while the feature gate flowControl is off; found maxRequests, enableEviction, defaultPriorityBand, attain.mode; allowed saturationDetector, attain.objective",
    ]);
  });

  it("switched off is no reason to warn where only these are named", () =>
    expect(
      warningsOf(`featureGates: [flowControl=false]
flowControl: {saturationDetector: {pluginRef: utilization-detector}, attain: {objective: {headers: []}}}`),
    ).toEqual([]));

  it("switched off still refuses what is wrong", () =>
    expect(() => load("featureGates: [flowControl=false]\nflowControl: {usageLimitPolicyPluginRef: x}")).toThrow(
      "flowControl.usageLimitPolicyPluginRef: no plugin of this name",
    ));
});

describe("detectors", () => {
  it.each([
    ["flowControl: {saturationDetector: {pluginRef: utilization-detector}}", "utilization-detector"],
    ["flowControl: {saturationDetector: {pluginRef: ledger-detector}}", "ledger-detector"],
    ["saturationDetector: {pluginRef: utilization-detector}", "utilization-detector"],
    [
      "saturationDetector: {pluginRef: utilization-detector}\nflowControl: {saturationDetector: {pluginRef: ledger-detector}}",
      "ledger-detector",
    ],
    [fieldDetector, "utilization-detector"],
    [`${fieldDetector}flowControl: {saturationDetector: {pluginRef: ledger-detector}}`, "ledger-detector"],
    ["plugins: [{type: utilization-detector, name: mine}]", "ledger-detector"],
  ])("%s", (text, type) => expect(flowOf(text).detector.type).toBe(type));

  it("of the field's default name are used without a reference, and the rest is said to be unused", () => {
    expect(warningsOf(fieldDetector)).toEqual([]);
    expect(
      warningsOf(`plugins: [{type: queue-scorer}, {type: concurrency-detector}, {type: edf-ordering-policy}]
schedulingProfiles: [{name: default, plugins: [{pluginRef: queue-scorer}]}]`),
    ).toEqual([
      'c:3:33: plugins[1]: nothing refers to this plugin; found "concurrency-detector"',
      'c:3:63: plugins[2]: nothing refers to this plugin; found "edf-ordering-policy"',
    ]);
  });

  it("take their capacity from the configuration, or learn it within its bounds", () => {
    const detector = (parameters: string) =>
      flowOf(`plugins: [{type: ledger-detector, parameters: ${parameters}}]
flowControl: {saturationDetector: {pluginRef: ledger-detector}}`).detector;
    expect(detector("{maxConcurrency: 12}")).toMatchObject({ capacity: { kind: "static", maxRequests: 12 } });
    expect(detector("{capacity: {min: 2, max: 9, initial: 3}, ownShare: 0.5}")).toMatchObject({
      capacity: { kind: "learned", options: { min: 2, max: 9, initial: 3 } },
      ownShare: 0.5,
    });
  });
});

describe("bands", () => {
  it("take limits and policies from themselves, others from the template of their sign", () => {
    const { queue } = flowOf(`
plugins: [{type: round-robin-fairness-policy}, {type: slo-deadline-ordering-policy}]
flowControl:
  defaultPriorityBand: {maxRequests: 10}
  defaultNegativePriorityBand: {maxRequests: 20, maxBytes: 1Ki, orderingPolicyRef: slo-deadline-ordering-policy}
  priorityBands: [{priority: 5, maxRequests: 0, fairnessPolicyRef: round-robin-fairness-policy}]`);
    expect(queue.dynamicBand).toMatchObject({ maxRequests: 10, ordering: "fcfs" });
    expect(queue.bands.get(0)).toEqual(queue.dynamicBand);
    expect(queue.bands.get(5)).toMatchObject({ maxRequests: 5000, fairness: { kind: "round-robin" } });
    expect(queue.dynamicNegativeBand).toMatchObject({ maxRequests: 20, maxBytes: 1024, ordering: "slo-deadline" });
  });

  it("below 0 fall back to the one template", () => {
    const { queue, ttl } = flowOf("flowControl: {defaultPriorityBand: {maxRequests: 3, defaultRequestTTL: 5s}}");
    expect(queue.dynamicNegativeBand).toEqual(queue.dynamicBand);
    expect(ttl.dynamicNegativeMs).toBe(5000);
  });

  it.each([
    ["edf-ordering-policy", "", "global-strict"],
    ["slo-deadline-ordering-policy", "", "global-strict"],
    ["fcfs-ordering-policy", "", "weighted-cost"],
    ["edf-ordering-policy", ", fairnessPolicyRef: weighted-cost-fairness-policy", "weighted-cost"],
  ])("ordered by %s%s are shared by %s", (type, fairness, kind) =>
    expect(
      flowOf(`plugins: [{type: ${type}}]
flowControl: {priorityBands: [{priority: 0, orderingPolicyRef: ${type}${fairness}}]}`).queue.bands.get(0)?.fairness
        .kind,
    ).toBe(kind),
  );

  it("are shared as in the field where the field's default is written out", () =>
    expect(flowOf(fieldFairness).queue.dynamicBand.fairness.kind).toBe("global-strict"));

  it("warn of a priority in a template", () =>
    expect(warningsOf("flowControl: {defaultPriorityBand: {priority: 3}}")).toEqual([
      "c:3:47: flowControl.defaultPriorityBand.priority: has no effect: this is for priorities without a band; found 3",
    ]));
});

describe("waiting times", () => {
  const noEndpoints = (budgetMs: number | undefined, learns: boolean) => ({
    budgetMs,
    learned: learns ? { coldStartFactor: 1.5, maxBudgetMs: 600_000 } : undefined,
  });

  it.each([
    ["{}", 60_000, noEndpoints(60_000, true)],
    ["{defaultRequestTTL: 30s}", 30_000, noEndpoints(30_000, true)],
    ["{defaultRequestTTL: 0s}", undefined, noEndpoints(undefined, false)],
    ["{noEndpointRequestTTL: 10m}", 60_000, noEndpoints(600_000, false)],
    ["{noEndpointRequestTTL: 0s}", 60_000, noEndpoints(undefined, false)],
    ["{defaultRequestTTL: 0s, noEndpointRequestTTL: 1m}", undefined, noEndpoints(60_000, false)],
    ["{defaultRequestTTL: 15m}", 900_000, noEndpoints(900_000, false)],
    ["{attain: {holdForZero: {learn: false}}}", 60_000, noEndpoints(60_000, false)],
  ])("%s", (section, ttlMs, holdForZero) => {
    const flow = flowOf(`flowControl: ${section}`);
    expect(flow.ttl.dynamicMs).toBe(ttlMs);
    expect(flow.holdForZero).toEqual(holdForZero);
  });

  it("may be a band's own, or none", () => {
    const { ofBandMs } = flowOf(`flowControl:
  defaultRequestTTL: 7s
  priorityBands: [{priority: 1}, {priority: 2, defaultRequestTTL: 0s}, {priority: 3, defaultRequestTTL: 5s}]`).ttl;
    expect(ofBandMs).toEqual(
      new Map([
        [0, 7000],
        [1, 7000],
        [2, undefined],
        [3, 5000],
      ]),
    );
  });
});

describe("eviction", () => {
  it.each([
    ["utilization-detector", 50, 2300],
    ["utilization-detector", 200, 2450],
    ["ledger-detector", 50, 10],
  ])("waits after %s at %d ms for %d ms", (type, refreshIntervalMs, graceMs) => {
    const text = `flowControl: {enableEviction: true, saturationDetector: {pluginRef: ${type}}}`;
    expect(load(text, refreshIntervalMs).flow.eviction).toEqual({
      maxPerDecision: 2,
      confirmTimeoutMs: 10_000,
      graceMs,
    });
  });

  it("takes the field's filter and order, which are always in force", () =>
    expect(
      load("plugins: [{type: sheddable-eviction-filter}, {type: priority-then-time-eviction-order-policy}]").warnings,
    ).toEqual([]));
});

describe("parameters that rule each other out", () => {
  it.each([
    [
      "ledger-detector, parameters: {capacity: {min: 8, initial: 4}}",
      "c:3:58: plugins[0].parameters.capacity: must be min ≤ initial ≤ max; found a mapping; allowed a mapping",
    ],
    [
      "priority-holdback-policy, parameters: {minCeiling: 0.5, maxCeiling: 0.5}",
      "c:3:56: plugins[0].parameters: must be minCeiling < maxCeiling; found a mapping; allowed a mapping",
    ],
    [
      "priority-holdback-policy",
      "c:3:11: plugins[0].parameters.minCeiling: missing key; found nothing; allowed a number at least 0 and below 1",
    ],
    [
      "program-aware-fairness, parameters: {strategy: drr}",
      'c:3:65: plugins[0].parameters.strategy: not one of the allowed values; found "drr"; allowed "las"',
    ],
    [
      "weighted-cost-fairness-policy, parameters: {flowWeights: {a: 0}}",
      "c:3:79: plugins[0].parameters.flowWeights.a: out of range; found 0; allowed a number above 0",
    ],
    [
      "edf-ordering-policy, parameters: {x: 1}",
      'c:3:52: plugins[0].parameters.x: unknown key; found "x"; allowed no keys',
    ],
  ])("%s", (plugin, message) => expect(() => load(`plugins: [{type: ${plugin}}]`)).toThrow(message));
});
