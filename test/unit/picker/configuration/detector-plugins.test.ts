import { describe, expect, it } from "@jest/globals";
import {
  concurrencyDetector,
  ledgerDetector,
  utilizationDetector,
} from "../../../../picker/configuration/detector-plugins.ts";
import { atScrapeInterval } from "../../../../picker/configuration/flow-detector.ts";
import { loadConfiguration } from "../../../../picker/configuration/load.ts";
import type { ResolvedConfiguration } from "../../../../picker/configuration/resolved.ts";
import { defaultLearnedCapacity } from "../../../../picker/flow/capacity/learned-capacity.ts";
import type { PluginDefinition } from "../../../../picker/scheduling/plugin.ts";
import { detectorOf, ledgerOf, poolOf } from "../flow/capacity/pool.ts";

describe("parameters", () => {
  it("of the ledger detector are complete without any", () => {
    expect(ledgerDetector.parameters.parse({})).toEqual({
      capacity: defaultLearnedCapacity,
      metricsStalenessThreshold: 2000,
      staleFade: 10_000,
      ownShare: 0.1,
    });
    expect(ledgerDetector.parameters.parse({ capacity: { max: 300, window: "2s" } }).capacity).toEqual({
      ...defaultLearnedCapacity,
      max: 300,
      windowMs: 2000,
    });
  });

  it.each([
    [utilizationDetector, { queueDepthThreshold: 0 }],
    [utilizationDetector, { kvCacheUtilThreshold: 1.01 }],
    [utilizationDetector, { metricsStalenessThreshold: "0s" }],
    [utilizationDetector, { headroom: -1 }],
    [concurrencyDetector, { maxConcurrency: 0 }],
    [concurrencyDetector, { concurrencyMode: "bytes" }],
    [concurrencyDetector, { maxTokens: 5 }],
    [ledgerDetector, { capacity: { initial: 2 } }],
    [ledgerDetector, { capacity: { max: 50 } }],
    [ledgerDetector, { capacity: { multiplicativeFactor: 1 } }],
    [ledgerDetector, { ownShare: 0 }],
    [ledgerDetector, { maxConcurrency: 1.5 }],
  ])("%# are refused where they are out of range", ({ parameters }, given) =>
    expect(parameters.safeParse(given).success).toBe(false),
  );
});

describe("the ledger detector", () => {
  it.each([
    { parameters: {}, capacity: 100 },
    { parameters: { capacity: { initial: 40 } }, capacity: 40 },
    { parameters: { maxConcurrency: 7 }, capacity: 7 },
  ])("made from $parameters gives an endpoint $capacity requests", ({ parameters, capacity }) => {
    const snapshot = poolOf(1);
    const detector = detectorOf(ledgerDetector, parameters, ledgerOf(capacity - 1));
    detector.update(snapshot, 0);
    expect(detector.state(snapshot).endpoints[0]?.capacity).toBe(capacity);
    expect(detector.hasRoom(snapshot.endpoints[0]!, 1)).toBe(true);
  });

  it("does not learn where the capacity is set by hand", () => {
    const snapshot = poolOf(1);
    const detector = detectorOf(ledgerDetector, { maxConcurrency: 7 }, ledgerOf(7));
    detector.update(snapshot, 0);
    for (let nowMs = 0; nowMs < 100; nowMs++) detector.observeLatency(snapshot.endpoints[0]!, 9, nowMs, nowMs);
    expect(detector.state(snapshot).endpoints[0]?.capacity).toBe(7);
  });
});

describe("staleness", () => {
  const staleAfterMs = (type: PluginDefinition, written: object, intervalMs: number): unknown => {
    const plugin = { name: "d", definition: type, parameters: type.parameters.parse(written) };
    return (atScrapeInterval(plugin, intervalMs).parameters as { metricsStalenessThreshold?: number })
      .metricsStalenessThreshold;
  };

  it.each([
    [utilizationDetector, {}, 50, 200],
    [utilizationDetector, {}, 200, 500],
    [utilizationDetector, { metricsStalenessThreshold: "50ms" }, 50, 200],
    [utilizationDetector, { metricsStalenessThreshold: "3s" }, 200, 3000],
    [ledgerDetector, {}, 200, 2000],
    [ledgerDetector, {}, 5000, 10_100],
    [concurrencyDetector, {}, 200, undefined],
  ])("%#: is at least two scrapes and a delay", (type, written, intervalMs, ms) =>
    expect(staleAfterMs(type as PluginDefinition, written, intervalMs)).toBe(ms),
  );

  const load = (text: string): ResolvedConfiguration =>
    loadConfiguration(`apiVersion: llm-d.ai/v1alpha1\nkind: EndpointPickerConfig\n${text}`, {
      file: "c",
      allowExperimental: false,
      refreshIntervalMs: 50,
    });

  it("goes by the interval of the metrics source, for flow control and for filters", () => {
    const { flow, profile } = load(`
plugins: [{type: metrics-data-source, parameters: {interval: 300ms}}, {type: utilization-detector}]
schedulingProfiles: [{name: default, plugins: [{pluginRef: utilization-detector}]}]`);
    expect(flow.detector).toMatchObject({ type: "utilization-detector", staleAfterMs: 700 });
    expect(profile.filters[0]?.parameters).toMatchObject({ metricsStalenessThreshold: 700 });
  });

  it("goes by the refresh interval where nothing is scraped", () =>
    expect(
      load("plugins: [{type: utilization-detector}]\ndataLayer: {injectDefaults: false}").flow.detector,
    ).toMatchObject({ staleAfterMs: 200 }));
});
