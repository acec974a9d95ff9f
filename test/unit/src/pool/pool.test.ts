import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { freshness, hostPortOf, makeSnapshot, poolSaturation, type Endpoint, type EndpointMetrics } from "#pool";

const metricsWith = (part: Partial<EndpointMetrics>): EndpointMetrics => ({
  waitingRequests: undefined,
  runningRequests: undefined,
  kvCacheUsageRatio: undefined,
  cacheBlockSizeTokens: undefined,
  cacheBlockCount: undefined,
  lora: undefined,
  observedAtMs: 1000,
  ...part,
});

const endpoint = (slot: number, metrics: EndpointMetrics | undefined): Endpoint => ({
  id: `default/${slot}`,
  namespace: "default",
  name: String(slot),
  address: "10.0.0.1",
  port: 8000,
  hostPort: "10.0.0.1:8000",
  labels: {},
  slot,
  metrics,
});

const snapshotOf = (...metrics: readonly (EndpointMetrics | undefined)[]) =>
  makeSnapshot(
    1,
    1000,
    metrics.map((one, slot) => endpoint(slot, one)),
  );

describe("freshness", () => {
  it.each([
    { name: "never scraped", metrics: undefined, nowMs: 0, want: "unknown" },
    { name: "just scraped", metrics: metricsWith({}), nowMs: 1000, want: "fresh" },
    { name: "exactly as old as allowed", metrics: metricsWith({}), nowMs: 3000, want: "fresh" },
    { name: "older", metrics: metricsWith({}), nowMs: 3001, want: "stale" },
  ])("$name is $want", ({ metrics, nowMs, want }) => {
    expect(freshness(metrics, nowMs, 2000)).toBe(want);
  });
});

describe("hostPortOf", () => {
  it.each([
    ["10.0.0.1", 80, "10.0.0.1:80"],
    ["fe80::1", 8000, "[fe80::1]:8000"],
  ])("%s and %d", (address, port, want) => expect(hostPortOf(address, port)).toBe(want));
});

describe("makeSnapshot", () => {
  it("has NaN where a value is unknown, never zero", () => {
    const snapshot = snapshotOf(metricsWith({ waitingRequests: 0 }), undefined);
    expect([...snapshot.waitingRequests]).toEqual([0, Number.NaN]);
    expect([...snapshot.kvCacheUsageRatio]).toEqual([Number.NaN, Number.NaN]);
  });
});

describe("poolSaturation", () => {
  it.each([
    { name: "no endpoints", metrics: [], want: undefined },
    { name: "none scraped", metrics: [undefined, undefined], want: undefined },
    { name: "all stale", metrics: [metricsWith({ waitingRequests: 0, observedAtMs: -5000 })], want: undefined },
    { name: "idle", metrics: [metricsWith({ waitingRequests: 0, kvCacheUsageRatio: 0 })], want: 0 },
    { name: "KV cache at its threshold", metrics: [metricsWith({ kvCacheUsageRatio: 0.8 })], want: 1 },
    {
      name: "a queue far above its threshold counts once",
      metrics: [metricsWith({ waitingRequests: 500 }), metricsWith({ waitingRequests: 0 })],
      want: 0.5,
    },
    {
      name: "a stale endpoint is left out",
      metrics: [metricsWith({ waitingRequests: 5 }), metricsWith({ waitingRequests: 0, observedAtMs: -5000 })],
      want: 1,
    },
    {
      name: "an endpoint that says nothing is left out",
      metrics: [metricsWith({ waitingRequests: 5 }), metricsWith({})],
      want: 1,
    },
  ])("$name", ({ metrics, want }) => {
    expect(poolSaturation(snapshotOf(...metrics), 1000, 2000)).toBe(want);
  });

  it("stays in [0, 1]", () => {
    const anyMetrics = fc.record({ waiting: fc.nat(1000), usage: fc.double({ min: 0, max: 1, noNaN: true }) });
    fc.assert(
      fc.property(fc.array(anyMetrics, { minLength: 1, maxLength: 20 }), (all) => {
        const metrics = all.map(({ waiting, usage }) =>
          metricsWith({ waitingRequests: waiting, kvCacheUsageRatio: usage }),
        );
        const saturation = poolSaturation(snapshotOf(...metrics), 1000, 2000);
        expect(saturation).toBeGreaterThanOrEqual(0);
        expect(saturation).toBeLessThanOrEqual(1);
      }),
    );
  });
});
