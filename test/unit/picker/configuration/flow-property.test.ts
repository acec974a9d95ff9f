import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { defaultConfiguration, loadConfiguration } from "../../../../picker/configuration/load.ts";
import { checkSettings } from "../../../../picker/flow/queue/settings.ts";
import { ttlOf, type FlowSettings } from "../../../../picker/flow/settings.ts";

const plugins = [
  { type: "round-robin-fairness-policy" },
  { type: "program-aware-fairness", parameters: { lasHalfLifeSeconds: 0 } },
  { type: "weighted-cost-fairness-policy", parameters: { flowWeights: { a: 2 } } },
  { type: "edf-ordering-policy" },
  { type: "slo-deadline-ordering-policy" },
  { type: "concurrency-detector" },
  { type: "ledger-detector", name: "ledger" },
  { type: "soft-reflective-ceiling-policy" },
  { type: "priority-holdback-policy", parameters: { minCeiling: 0.5 } },
];

const load = (flowControl: unknown, gate: boolean): FlowSettings => {
  const document = {
    apiVersion: "llm-d.ai/v1alpha1",
    kind: "EndpointPickerConfig",
    featureGates: [`flowControl=${gate}`],
    plugins,
    flowControl,
  };
  const options = { file: "c", allowExperimental: true, refreshIntervalMs: 50 };
  return loadConfiguration(JSON.stringify(document), options).flow;
};

const quantity = fc.oneof(
  fc.nat(),
  fc
    .tuple(fc.nat({ max: 8191 }), fc.constantFrom("", "m", "k", "M", "G", "Ki", "Mi", "Gi"))
    .map((parts) => parts.join("")),
);
const span = (min: number) =>
  fc.tuple(fc.integer({ min, max: 5000 }), fc.constantFrom("ms", "s", "m")).map((parts) => parts.join(""));
const ttl = span(0);
const duration = span(1);
const ratio = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

const bandKeys = {
  maxBytes: quantity,
  maxRequests: quantity,
  defaultRequestTTL: ttl,
  fairnessPolicyRef: fc.constantFrom(
    "global-strict-fairness-policy",
    "round-robin-fairness-policy",
    "program-aware-fairness",
    "weighted-cost-fairness-policy",
  ),
  orderingPolicyRef: fc.constantFrom("fcfs-ordering-policy", "edf-ordering-policy", "slo-deadline-ordering-policy"),
};
const template = fc.record(bandKeys, { requiredKeys: [] });
const band = fc.record({ ...bandKeys, priority: fc.integer({ min: -5, max: 5 }) }, { requiredKeys: ["priority"] });
const late = fc.constantFrom("shed", "demote", "serve");

const attain = fc.record(
  {
    mode: fc.constantFrom("enforce", "observe"),
    queue: fc.record(
      {
        minShare: ratio,
        displacement: fc.boolean(),
        maxDynamicBands: fc.nat(),
        idleBand: duration,
        idleFlow: duration,
      },
      { requiredKeys: [] },
    ),
    deadlines: fc.record(
      {
        lateSheddable: late,
        lateOther: late,
        refuseInfeasible: fc.boolean(),
        ttlPerTtft: fc.integer({ min: 1, max: 9 }),
      },
      { requiredKeys: [] },
    ),
    holdForZero: fc.record({ learn: fc.boolean(), maxBudget: duration }, { requiredKeys: [] }),
    retryAfter: fc.record({ jitter: ratio, max: fc.constantFrom("1s", "30s", "1m") }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

const section = fc.record(
  {
    maxBytes: quantity,
    maxRequests: quantity,
    defaultRequestTTL: ttl,
    noEndpointRequestTTL: ttl,
    priorityBands: fc.uniqueArray(band, { selector: ({ priority }) => priority }),
    defaultPriorityBand: template,
    defaultNegativePriorityBand: template,
    usageLimitPolicyPluginRef: fc.constantFrom(
      "static-usage-limit-policy",
      "soft-reflective-ceiling-policy",
      "priority-holdback-policy",
    ),
    saturationDetector: fc.record({
      pluginRef: fc.constantFrom("utilization-detector", "concurrency-detector", "ledger-detector", "ledger"),
    }),
    enableEviction: fc.boolean(),
    attain,
  },
  { requiredKeys: [] },
);

describe("any valid section", () => {
  it("decodes into settings that hold together", () =>
    fc.assert(
      fc.property(section, (written) => {
        const { queue, ttl: times, holdForZero, eviction, admission } = load(written, true);
        checkSettings(queue);
        expect(admission).toBe("queue");
        const priorities = new Set([0, ...(written.priorityBands ?? []).map(({ priority }) => priority)]);
        expect(new Set(queue.bands.keys())).toEqual(priorities);
        expect(new Set(times.ofBandMs.keys())).toEqual(priorities);
        expect(eviction !== undefined).toBe(written.enableEviction ?? false);
        expect([queue.maxBytes, queue.maxRequests, holdForZero.budgetMs]).not.toContain(0);
        for (const [priority, { maxBytes, maxRequests }] of queue.bands) {
          expect(maxBytes).toBeGreaterThan(0);
          expect(maxRequests).toBeGreaterThan(0);
          expect(ttlOf(times, priority)).not.toBe(0);
        }
        const { learned, budgetMs } = holdForZero;
        if (learned !== undefined) expect(learned.maxBudgetMs).toBeGreaterThan(budgetMs!);
      }),
      { numRuns: 300 },
    ));

  it("comes to the defaults and its detector when the gate is off", () =>
    fc.assert(
      fc.property(section, (written) => {
        const { detector, ...rest } = load(written, false);
        const { detector: _, ...defaults } = defaultConfiguration().flow;
        expect(detector).toEqual(load(written, true).detector);
        expect(rest).toEqual({ ...defaults, admission: "legacy" });
      }),
      { numRuns: 100 },
    ));

  it("is refused once a key is misspelt", () =>
    fc.assert(
      fc.property(section, fc.stringMatching(/^[a-z]{3,8}X$/), (written, key) => {
        expect(() => load({ ...written, [key]: 1 }, true)).toThrow(`flowControl.${key}: unknown key`);
      }),
      { numRuns: 50 },
    ));
});
