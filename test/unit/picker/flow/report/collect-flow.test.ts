import { beforeEach, expect, it } from "@jest/globals";
import { flowMetrics, MetricRegistry } from "#metrics";
import { saturationModes } from "../../../../../picker/flow/capacity/saturation-detector.ts";
import { collectFlow } from "../../../../../picker/flow/report/collect-flow.ts";
import { bandOf, endpointOf, flowStatusOf } from "../../../../support/flow-status.ts";

const pool = "pool";
let registry: MetricRegistry;

beforeEach(() => {
  registry = new MetricRegistry();
});

const byPriority = (spec: typeof flowMetrics.queueRequests) =>
  Object.fromEntries(registry.values(spec, { pool }).map(({ labels, value }) => [labels.priority, value]));
const byEndpoint = (spec: typeof flowMetrics.endpointSaturationRatio) =>
  Object.fromEntries(registry.values(spec, { pool }).map(({ labels, value }) => [labels.endpoint, value]));

it("tells of each band what waits in it and how much it may use", () => {
  const bands = [
    bandOf(2, { requests: 3, bytes: 900, tokens: 120, oldestAgeMs: 1500 }),
    bandOf(-1, { requests: 0, bytes: 0, tokens: 0, oldestAgeMs: undefined }),
  ];
  const ceilings = new Map([
    [2, 1.5],
    [-1, 0.75],
  ]);
  collectFlow(registry, pool, flowStatusOf({ bands, ceilings }));
  expect(byPriority(flowMetrics.queueRequests)).toEqual({ "2": 3, "-1": 0 });
  expect(byPriority(flowMetrics.queueBytes)).toEqual({ "2": 900, "-1": 0 });
  expect(byPriority(flowMetrics.queueTokens)).toEqual({ "2": 120, "-1": 0 });
  expect(byPriority(flowMetrics.queueOldestAgeSeconds)).toEqual({ "2": 1.5, "-1": 0 });
  expect(byPriority(flowMetrics.ceilingRatio)).toEqual({ "2": 1, "-1": 0.75 });
});

it("forgets bands and endpoints that are gone", () => {
  const ceilings = new Map([[2, 1]]);
  const before = { bands: [bandOf(2), bandOf(0)], ceilings, endpoints: [endpointOf("a"), endpointOf("b")] };
  collectFlow(registry, pool, flowStatusOf(before));
  collectFlow(registry, pool, flowStatusOf({ bands: [bandOf(0)], endpoints: [endpointOf("b")] }));
  const perBand = [
    flowMetrics.queueRequests,
    flowMetrics.queueBytes,
    flowMetrics.queueTokens,
    flowMetrics.queueOldestAgeSeconds,
  ];
  expect(perBand.map((spec) => Object.keys(byPriority(spec)))).toEqual(perBand.map(() => ["0"]));
  expect(byPriority(flowMetrics.ceilingRatio)).toEqual({});
  const perEndpoint = [flowMetrics.endpointSaturationRatio, flowMetrics.endpointCapacityRequests];
  expect(perEndpoint.map((spec) => Object.keys(byEndpoint(spec)))).toEqual(perEndpoint.map(() => ["b"]));
});

it("leaves series of other pools alone", () => {
  collectFlow(registry, "other", flowStatusOf({ bands: [bandOf(5)], endpoints: [endpointOf("z")] }));
  collectFlow(registry, pool, flowStatusOf({}));
  expect(registry.value(flowMetrics.queueRequests, { pool: "other", priority: "5" })).toBe(0);
  expect(registry.value(flowMetrics.endpointSaturationRatio, { pool: "other", endpoint: "z" })).toBeDefined();
});

it("tells of each endpoint how full it is, and its capacity only where it is measured", () => {
  const full = endpointOf("a", { saturation: 0.5, capacity: 16 });
  collectFlow(registry, pool, flowStatusOf({ endpoints: [full, endpointOf("b", { capacity: undefined })] }));
  expect(byEndpoint(flowMetrics.endpointSaturationRatio)).toEqual({ a: 0.5, b: 0 });
  expect(byEndpoint(flowMetrics.endpointCapacityRequests)).toEqual({ a: 16 });
  collectFlow(registry, pool, flowStatusOf({ endpoints: [{ ...full, capacity: undefined }] }));
  expect(byEndpoint(flowMetrics.endpointCapacityRequests)).toEqual({});
});

it("tells of the stages that endpoints take, and of no other", () => {
  const ratios = () => registry.values(flowMetrics.saturationRatio).map(({ labels, value }) => [labels.stage, value]);
  collectFlow(registry, pool, flowStatusOf({ stages: { prefill: 0.9, decode: 0.4 } }));
  expect(Object.fromEntries(ratios())).toEqual({ prefill: 0.9, decode: 0.4 });
  collectFlow(registry, pool, flowStatusOf({ stages: { decode: 0.6 } }));
  expect(ratios()).toEqual([["decode", 0.6]]);
});

it.each(saturationModes)("is 1 for mode %s and 0 for the others", (mode) => {
  for (const earlier of saturationModes) collectFlow(registry, pool, flowStatusOf({ mode: earlier }));
  collectFlow(registry, pool, flowStatusOf({ mode }));
  const modes = registry.values(flowMetrics.mode, { pool });
  expect(modes).toHaveLength(saturationModes.length);
  expect(modes.filter(({ value }) => value === 1).map(({ labels }) => labels.mode)).toEqual([
    mode.replaceAll("-", "_"),
  ]);
});

it("tells what is held for a pool without endpoints, and how long a start takes", () => {
  collectFlow(
    registry,
    pool,
    flowStatusOf({ held: { requests: 4, tokens: 800, oldestAgeMs: 10 }, expectedColdStartMs: 90_000 }),
  );
  expect(registry.value(flowMetrics.heldRequests, { pool })).toBe(4);
  expect(registry.value(flowMetrics.heldTokens, { pool })).toBe(800);
  expect(registry.value(flowMetrics.expectedColdStartSeconds, { pool })).toBe(90);
});
