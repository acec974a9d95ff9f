import { describe, expect, it } from "@jest/globals";
import { freshness, hostPortOf, makeSnapshot, type Endpoint, type EndpointMetrics } from "#pool";

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
