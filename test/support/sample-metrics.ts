import { allSpecs, MetricRegistry, objectiveMetrics, poolMetrics, requestMetrics, type MetricSpec } from "#metrics";

/** A value for each label of a spec: the first of a closed set, else `sample`. */
const sampleLabels = (spec: MetricSpec): Record<string, string> =>
  Object.fromEntries(spec.labels.map((label) => [label, spec.values[label]?.[0] ?? "sample"]));

function fill(registry: MetricRegistry, spec: MetricSpec): void {
  const labels = sampleLabels(spec);
  if (spec.type === "counter") registry.counter(spec, labels).add(3);
  else if (spec.type === "gauge") registry.gauge(spec, labels).set(1);
  else registry.histogram(spec, labels).observe(0.25);
}

/** A registry with a series of every metric of the catalogue, and the cases that are hard to write. */
export function sampleRegistry(): MetricRegistry {
  const registry = new MetricRegistry();
  registry.setEdges(requestMetrics.ttftSeconds, [0.25, 1]);
  for (const spec of allSpecs) fill(registry, spec);
  const chat = { pool: "llama", objective: "chat" };
  registry.counter(objectiveMetrics.requestsTotal, { ...chat, verdict: "met" }).add(2 ** 53);
  registry.counter(objectiveMetrics.requestsTotal, { ...chat, verdict: "missed" });
  registry.gauge(poolMetrics.saturationRatio, { pool: 'quote " backslash \\ newline \n end' }).set(1 / 3);
  registry.gauge(poolMetrics.saturationRatio, { pool: "unknown" }).set(Number.NaN);
  registry.gauge(poolMetrics.saturationRatio, { pool: "without bound" }).set(Number.POSITIVE_INFINITY);
  const ttft = registry.histogram(requestMetrics.ttftSeconds, { ...chat, model: "模型" });
  for (const seconds of [0.001, 0.25, 0.2500001, 7, 121, Number.POSITIVE_INFINITY]) ttft.observe(seconds);
  return registry;
}
