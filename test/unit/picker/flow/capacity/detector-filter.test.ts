import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { loadConfiguration } from "../../../../../picker/configuration/load.ts";
import { createScheduler } from "../../../../../picker/configuration/create-scheduler.ts";
import { DetectorFilter, type WhenFull } from "../../../../../picker/flow/capacity/detector-filter.ts";
import { createDetector } from "../../../../../picker/flow/create-detector.ts";
import type { ScheduleResult } from "../../../../../picker/scheduling/scheduler.ts";
import { seededRandom } from "#random";
import {
  allOf,
  contextOf,
  inFlightOf,
  requestOf,
  snapshotOf,
  type EndpointSketch,
} from "../../../../support/scheduling-cycle.ts";

const scraped = (waitingRequests: number, kvCacheUsageRatio: number): EndpointSketch => ({
  metrics: { waitingRequests, runningRequests: 1, kvCacheUsageRatio, observedAtMs: 0 },
});

/** What a profile with nothing but this filter decides. */
function scheduled(filter: string, endpoints: readonly EndpointSketch[], inFlight: readonly number[]): ScheduleResult {
  const text = `apiVersion: llm-d.ai/v1alpha1
kind: EndpointPickerConfig
plugins: [{name: detector, type: ${filter}}]
schedulingProfiles: [{name: default, plugins: [{pluginRef: detector}]}]`;
  const config = loadConfiguration(text, { file: "c", allowExperimental: false, refreshIntervalMs: 50 });
  const snapshot = snapshotOf(endpoints);
  return createScheduler(config, { random: seededRandom(1) }).schedule({
    request: requestOf(),
    snapshot,
    inFlight: inFlightOf(inFlight),
    nowMs: 0,
    subset: undefined,
    withScores: true,
  });
}

const kept = (result: ScheduleResult) =>
  result.kind === "picked" ? result.scores?.map(({ endpoint }) => endpoint.slot) : result.kind;

describe("a detector in a profile", () => {
  it.each<[filter: string, endpoints: readonly EndpointSketch[], inFlight: readonly number[], expected: unknown]>([
    ["concurrency-detector, parameters: {maxConcurrency: 2}", [{}, {}, {}], [2, 1, 3], [1]],
    ["concurrency-detector, parameters: {maxConcurrency: 2, headroom: 0.5}", [{}, {}, {}], [2, 1, 3], [0, 1]],
    ["concurrency-detector, parameters: {maxConcurrency: 2}", [{}, {}], [2, 2], "filtered-out"],
    ["utilization-detector", [scraped(5, 0), scraped(4, 0.79), scraped(0, 0.8)], [], [1]],
    ["utilization-detector, parameters: {headroom: 0.5}", [scraped(7, 0), scraped(8, 0)], [], [0]],
    ["utilization-detector", [scraped(5, 0), scraped(0, 0.9)], [], [0, 1]],
    ["utilization-detector", [{}, scraped(9, 0)], [99], [0]],
    ["utilization-detector", [{}, scraped(0, 0)], [100], [1]],
  ])("%s, %j with %j in flight leaves %j", (filter, endpoints, inFlight, expected) =>
    expect(kept(scheduled(filter, endpoints, inFlight))).toEqual(expected),
  );

  it("stands in the profile of a document that has none, as in the field", () => {
    const text = `apiVersion: llm-d.ai/v1alpha1
kind: EndpointPickerConfig
plugins: [{type: queue-scorer}, {type: concurrency-detector}]`;
    const { profile } = loadConfiguration(text, { file: "c", allowExperimental: false, refreshIntervalMs: 50 });
    expect(profile.filters.map(({ name }) => name)).toEqual(["concurrency-detector"]);
  });
});

describe("a detector filter", () => {
  const make = (whenFull: WhenFull) =>
    new DetectorFilter(
      (inFlight) =>
        createDetector(
          { type: "concurrency-detector", mode: "requests", maxRequests: 3, maxTokens: 1, headroomRatio: 0 },
          inFlight,
        ),
      whenFull,
    );

  it("keeps those with room, in their order, by the ledger of each cycle", () => {
    const filters = { all: make("all"), none: make("none") };
    const loads = fc.array(fc.nat(5), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(loads, fc.constantFrom("all" as const, "none" as const), (load, whenFull) => {
        const snapshot = snapshotOf(load.map(() => ({})));
        const candidates = allOf(snapshot);
        filters[whenFull].filter(contextOf(snapshot, { inFlight: inFlightOf(load) }), candidates);
        const open = [...load.keys()].filter((slot) => load[slot]! < 3);
        const expected = open.length === 0 && whenFull === "all" ? [...load.keys()] : open;
        expect([...candidates.indexes.subarray(0, candidates.count)]).toEqual(expected);
      }),
    );
  });

  it("never brings back what an earlier filter took out", () => {
    const snapshot = snapshotOf([{}, {}, {}]);
    const candidates = { indexes: Int32Array.from([2, 0, 1]), count: 1 };
    make("all").filter(contextOf(snapshot, { inFlight: inFlightOf([0, 0, 9]) }), candidates);
    expect([...candidates.indexes.subarray(0, candidates.count)]).toEqual([2]);
  });
});
