import { describe, expect, it } from "@jest/globals";
import { prefixCacheScorer } from "../../../../picker/prefix/prefix-cache-scorer.ts";
import type { PluginDefinition, SchedulingContext } from "../../../../picker/scheduling/plugin.ts";
import { activeRequestScorer } from "../../../../picker/scheduling/scorers/active-request.ts";
import { headerLabelAffinityScorer } from "../../../../picker/scheduling/scorers/header-label-affinity.ts";
import { kvCacheUtilizationScorer } from "../../../../picker/scheduling/scorers/kv-cache-utilization.ts";
import { loadAwareScorer } from "../../../../picker/scheduling/scorers/load-aware.ts";
import { loraAffinityScorer } from "../../../../picker/scheduling/scorers/lora-affinity.ts";
import { queueScorer } from "../../../../picker/scheduling/scorers/queue.ts";
import { runningRequestsScorer } from "../../../../picker/scheduling/scorers/running-requests.ts";
import { tokenLoadScorer } from "../../../../picker/scheduling/scorers/token-load.ts";
import {
  allOf,
  contextOf,
  inFlightOf,
  requestOf,
  snapshotOf,
  type EndpointSketch,
} from "../../../support/scheduling-cycle.ts";

const scores = (
  scorer: PluginDefinition,
  endpoints: readonly EndpointSketch[],
  sketch: Partial<SchedulingContext> = {},
  parameters: unknown = {},
): readonly number[] => {
  const snapshot = snapshotOf(endpoints);
  const out = new Float64Array(endpoints.length);
  const instance = scorer.create(scorer.parameters.parse(parameters), { random: () => 0 });
  instance.score!(contextOf(snapshot, sketch), allOf(snapshot), out);
  return [...out];
};

const unknown = Number.NaN;
const waiting = (...counts: readonly number[]) => counts.map((waitingRequests) => ({ metrics: { waitingRequests } }));
const none: EndpointSketch = {};

describe("scorers over scraped metrics", () => {
  it.each([
    { name: "ranks the shortest queue first", endpoints: waiting(2, 6, 10), want: [1, 0.5, 0] },
    { name: "calls equal queues equal", endpoints: waiting(4, 4), want: [1, 1] },
    {
      name: "leaves an unknown queue unknown and out of the bounds",
      endpoints: [...waiting(2, 4), none],
      want: [1, 0, unknown],
    },
    { name: "knows nothing without a scrape", endpoints: [none, none], want: [unknown, unknown] },
  ])("queue-scorer $name", ({ endpoints, want }) => expect(scores(queueScorer, endpoints)).toEqual(want));

  it("running-requests-size-scorer reads running requests", () => {
    const running = [3, 1].map((runningRequests) => ({ metrics: { runningRequests, waitingRequests: 7 } }));
    expect(scores(runningRequestsScorer, running)).toEqual([0, 1]);
  });

  it("kv-cache-utilization-scorer is what is free, never outside [0, 1]", () => {
    const usage = [0.25, 1.5, -1].map((kvCacheUsageRatio) => ({ metrics: { kvCacheUsageRatio } }));
    expect(scores(kvCacheUtilizationScorer, [...usage, none])).toEqual([0.75, 0, 1, unknown]);
  });

  it("load-aware-scorer falls from one half to 0 at the threshold", () => {
    expect(scores(loadAwareScorer, [...waiting(0, 64, 128, 500), none])).toEqual([0.5, 0.25, 0, 0, unknown]);
    expect(scores(loadAwareScorer, waiting(1), {}, { threshold: 2 })).toEqual([0.25]);
  });

  it.each([
    { name: "active", lora: { running: ["a"], waiting: [], maxAdapters: 1 }, want: 1 },
    { name: "room for one more", lora: { running: ["b"], waiting: [], maxAdapters: 2 }, want: 0.8 },
    { name: "waiting while full", lora: { running: ["b"], waiting: ["a"], maxAdapters: 2 }, want: 0.6 },
    { name: "full", lora: { running: ["b"], waiting: ["c"], maxAdapters: 2 }, want: 0 },
    { name: "slots unknown", lora: { running: ["b"], waiting: [], maxAdapters: undefined }, want: unknown },
    { name: "waiting, slots unknown", lora: { running: [], waiting: ["a"], maxAdapters: undefined }, want: 0.6 },
  ])("lora-affinity-scorer: $name", ({ lora, want }) => {
    const state = { ...lora, running: new Set(lora.running), waiting: new Set(lora.waiting) };
    const request = requestOf("", { model: "a" });
    expect(scores(loraAffinityScorer, [{ metrics: { lora: state } }], { request })).toEqual([want]);
  });

  it("lora-affinity-scorer knows nothing without LoRA series or without a model", () => {
    const lora = { running: new Set(["a"]), waiting: new Set<string>(), maxAdapters: 4 };
    expect(scores(loraAffinityScorer, [{ metrics: {} }, none])).toEqual([unknown, unknown]);
    expect(
      scores(loraAffinityScorer, [{ metrics: { lora } }], { request: requestOf("", { model: undefined }) }),
    ).toEqual([unknown]);
  });
});

describe("scorers over what the picker itself knows", () => {
  it.each([
    { parameters: {}, requests: [0, 2, 4], want: [1, 0.5, 0] },
    { parameters: { idleThreshold: 2 }, requests: [1, 2, 4], want: [1, 1, 0] },
    { parameters: { maxBusyScore: 0.4 }, requests: [0, 1, 2], want: [1, 0.2, 0] },
    { parameters: {}, requests: [0, 0], want: [1, 1] },
  ])("active-request-scorer $parameters $requests", ({ parameters, requests, want }) => {
    const endpoints = requests.map(() => none);
    expect(scores(activeRequestScorer, endpoints, { inFlight: inFlightOf(requests) }, parameters)).toEqual(want);
  });

  it("token-load-scorer adds the uncached part of this prompt to what is in flight", () => {
    const sketch = {
      request: requestOf("x".repeat(400)),
      inFlight: inFlightOf([], [0, 100, 5000]),
      prefixMatchedBlocks: Float64Array.of(1, 0, 0),
      prefixTotalBlocks: 2,
      prefixBlockTokens: 64,
    };
    const got = scores(tokenLoadScorer, [none, none, none], sketch, { queueThresholdTokens: 1000 });
    expect(got).toEqual([1 - 36 / 1000, 1 - 200 / 1000, 0]);
  });

  it("token-load-scorer counts the whole prompt where nothing is known of caches", () => {
    const sketch = { request: requestOf("x".repeat(400)) };
    expect(scores(tokenLoadScorer, [none], sketch, { queueThresholdTokens: 1000 })).toEqual([0.9]);
  });

  it("header-label-affinity-scorer compares a header with a label", () => {
    const endpoints = [{ labels: { zone: "a" } }, { labels: { zone: "b" } }, none];
    const parameters = { headerName: "X-Zone", labelKey: "zone" };
    const header = (name: string) => (name === "x-zone" ? "b" : undefined);
    expect(scores(headerLabelAffinityScorer, endpoints, { request: requestOf("", { header }) }, parameters)).toEqual([
      0, 1, 0,
    ]);
    expect(scores(headerLabelAffinityScorer, endpoints, {}, parameters)).toEqual([0, 0, 0]);
  });

  const matched = { prefixMatchedBlocks: Float64Array.of(0, 2, 4), prefixTotalBlocks: 4, prefixBlockTokens: 64 };
  it.each([
    { name: "is the matched share", sketch: matched, parameters: {}, want: [0, 0.5, 1] },
    {
      name: "weighs the matched length, squared, against it",
      sketch: matched,
      parameters: { matchLengthWeight: 0.5, matchLengthScaleTokens: 256 },
      want: [0, 0.375, 1],
    },
    { name: "is 0 without a prompt", sketch: { ...matched, prefixTotalBlocks: 0 }, parameters: {}, want: [0, 0, 0] },
    { name: "is unknown without a producer", sketch: {}, parameters: {}, want: [unknown, unknown, unknown] },
  ])("prefix-cache-scorer $name", ({ sketch, parameters, want }) =>
    expect(scores(prefixCacheScorer, [none, none, none], sketch, parameters)).toEqual(want),
  );
});
