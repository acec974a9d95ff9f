/** Sets what flow control is like now: cheaper to read when somebody looks than to keep in step. */
import { flowMetrics, type GaugeSpec, type MetricRegistry } from "#metrics";
import { toSeconds } from "#units";
import { saturationModes, type EndpointSaturation, type SaturationMode } from "../capacity/saturation-detector.ts";
import { stages } from "../capacity/stage.ts";
import type { FlowStatus } from "../flow-status.ts";
import type { BandSummary } from "../queue/summary.ts";
import { ceilingOf } from "./ceiling-of.ts";

const modeLabels = {
  normal: "normal",
  "concurrency-only": "concurrency_only",
  "no-endpoints": "no_endpoints",
} as const satisfies Readonly<Record<SaturationMode, string>>;

/** By the value of the label that is not the pool. */
type Values = ReadonlyMap<string, number>;

const known = (values: readonly (readonly [name: string | number, value: number | undefined])[]): Values =>
  new Map(values.flatMap(([name, value]) => (value === undefined ? [] : [[String(name), value] as const])));

/** Sets one family to exactly these values: what is not among them is gone. */
function setBands(
  registry: MetricRegistry,
  spec: GaugeSpec<readonly ["pool", "priority"]>,
  pool: string,
  values: Values,
): void {
  for (const { labels } of registry.values(spec, { pool })) {
    if (!values.has(labels.priority)) registry.remove(spec, labels);
  }
  for (const [priority, value] of values) registry.gauge(spec, { pool, priority }).set(value);
}

/** The same of endpoints. */
function setEndpoints(
  registry: MetricRegistry,
  spec: GaugeSpec<readonly ["pool", "endpoint"]>,
  pool: string,
  values: Values,
): void {
  for (const { labels } of registry.values(spec, { pool })) {
    if (!values.has(labels.endpoint)) registry.remove(spec, labels);
  }
  for (const [endpoint, value] of values) registry.gauge(spec, { pool, endpoint }).set(value);
}

function collectQueue(registry: MetricRegistry, pool: string, { queue: { bands }, ceilings }: FlowStatus): void {
  const of = (value: (band: BandSummary) => number | undefined): Values =>
    known(bands.map((band) => [band.priority, value(band)]));
  setBands(
    registry,
    flowMetrics.queueRequests,
    pool,
    of(({ requests }) => requests),
  );
  setBands(
    registry,
    flowMetrics.queueBytes,
    pool,
    of(({ bytes }) => bytes),
  );
  setBands(
    registry,
    flowMetrics.queueTokens,
    pool,
    of(({ tokens }) => tokens),
  );
  setBands(
    registry,
    flowMetrics.queueOldestAgeSeconds,
    pool,
    of(({ oldestAgeMs }) => toSeconds(oldestAgeMs ?? 0)),
  );
  setBands(
    registry,
    flowMetrics.ceilingRatio,
    pool,
    of(({ priority }) => ceilingOf(ceilings, priority)),
  );
}

function collectCapacity(registry: MetricRegistry, pool: string, { saturation, stages: ofStage }: FlowStatus): void {
  const { endpoints, mode } = saturation;
  const of = (value: (endpoint: EndpointSaturation) => number | undefined): Values =>
    known(endpoints.map((endpoint) => [endpoint.id, value(endpoint)]));
  setEndpoints(
    registry,
    flowMetrics.endpointSaturationRatio,
    pool,
    of((endpoint) => endpoint.saturation),
  );
  setEndpoints(
    registry,
    flowMetrics.endpointCapacityRequests,
    pool,
    of(({ capacity }) => capacity),
  );
  for (const stage of stages) {
    registry.gauge(flowMetrics.saturationRatio, { pool, stage }).set(ofStage[stage] ?? Number.NaN);
  }
  for (const one of saturationModes) {
    registry.gauge(flowMetrics.mode, { pool, mode: modeLabels[one] }).set(one === mode ? 1 : 0);
  }
}

/** To be called before each rendering of the metrics. Series of bands and endpoints that are gone go. */
export function collectFlow(registry: MetricRegistry, pool: string, status: FlowStatus): void {
  collectQueue(registry, pool, status);
  collectCapacity(registry, pool, status);
  registry.gauge(flowMetrics.heldRequests, { pool }).set(status.held.requests);
  registry.gauge(flowMetrics.heldTokens, { pool }).set(status.held.tokens);
  registry.gauge(flowMetrics.expectedColdStartSeconds, { pool }).set(toSeconds(status.expectedColdStartMs));
}
