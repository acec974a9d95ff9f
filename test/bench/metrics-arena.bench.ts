import { baseEdges, MetricRegistry, objectiveMetrics, requestMetrics } from "#metrics";
import type { Bench, BenchCase } from "./compare.ts";

const labelSets = Array.from({ length: 64 }, (_, i) => ({ pool: "llama", objective: `objective-${i}`, model: "m" }));
const seconds = Float64Array.from({ length: 1024 }, (_, i) => ((i * 7919) % 1024) / 100);

const keyOf = (labels: Readonly<Record<string, string>>): string => Object.values(labels).join("\u0000");

function counters(): BenchCase {
  const totals = new Map<string, number>();
  const registry = new MetricRegistry();
  const handles = labelSets.map(({ pool, objective }) =>
    registry.counter(objectiveMetrics.requestsTotal, { pool, objective, verdict: "met" }),
  );
  return {
    name: "64 counter increments, one a series",
    baselineName: "Map keyed by joined labels",
    baseline: () => {
      for (const { pool, objective } of labelSets) {
        const key = keyOf({ pool, objective, verdict: "met" });
        totals.set(key, (totals.get(key) ?? 0) + 1);
      }
      return totals.size;
    },
    candidate: () => {
      for (let i = 0; i < handles.length; i++) handles[i]!.add();
      return handles.length;
    },
  };
}

type Buckets = { readonly counts: number[]; sum: number };

function histograms(): BenchCase {
  const edges = baseEdges.ttft;
  const byKey = new Map<string, Buckets>();
  const registry = new MetricRegistry();
  const handles = labelSets.map((labels) => registry.histogram(requestMetrics.ttftSeconds, labels));
  let at = 0;
  return {
    name: "64 histogram observations, one a series",
    baselineName: "Map keyed by joined labels, first edge found by search from the start",
    baseline: () => {
      for (const labels of labelSets) {
        const value = seconds[at++ & 1023]!;
        const key = keyOf(labels);
        let histogram = byKey.get(key);
        if (histogram === undefined) {
          histogram = { counts: Array.from({ length: edges.length + 1 }, () => 0), sum: 0 };
          byKey.set(key, histogram);
        }
        const bucket = edges.findIndex((edge) => value <= edge);
        histogram.counts[bucket === -1 ? edges.length : bucket]! += 1;
        histogram.sum += value;
      }
      return byKey.size;
    },
    candidate: () => {
      for (let i = 0; i < handles.length; i++) handles[i]!.observe(seconds[at++ & 1023]!);
      return at;
    },
  };
}

export const bench: Bench = { name: "metrics-arena", cases: () => [counters(), histograms()] };
