/** A picker's values after a handful of requests, with the field's names beside its own. */
import { endpointMetrics, MetricRegistry, pickerMetrics, poolMetrics, processMetrics } from "#metrics";
import { ObjectiveTable } from "#objective";
import type { PoolSnapshot } from "#pool";
import type { RequestEnd } from "../../picker/attainment/outcome.ts";
import { AttainmentRecorder } from "../../picker/attainment/recorder.ts";
import { compatView } from "../../picker/compat/compat-view.ts";
import { DecisionLog } from "../../picker/decision/decision-log.ts";
import { flowOutcomes } from "../../picker/flow/flow-events.ts";
import type { FlowStatus } from "../../picker/flow/flow-status.ts";
import { collectFlow } from "../../picker/flow/report/collect-flow.ts";
import { FlowMetrics } from "../../picker/flow/report/flow-metrics.ts";
import { arrivalOf, chatLevel, flowRequestOf, objective, readerWith, routeTo } from "./attainment.ts";
import { bandOf, flowStatusOf } from "./flow-status.ts";
import { snapshotOf } from "./scheduling-cycle.ts";

const pool = "pool";
/** `chat` and `agent` differ in nothing that the field's labels show: they have one priority. */
export const sceneObjectives = new ObjectiveTable([
  { objective: objective("chat", 2), level: chatLevel },
  { objective: objective("agent", 2), level: undefined },
  { objective: objective("batch", -1), level: undefined },
]);

const endpoint = (waiting: number, kvCacheUsageRatio: number, observedAtMs = 10_000) => ({
  metrics: { waitingRequests: waiting, runningRequests: 2 * waiting, kvCacheUsageRatio, observedAtMs },
});
/** Two fresh endpoints, a stale one, and one that was never scraped. */
export const sceneSnapshot: PoolSnapshot = snapshotOf([endpoint(1, 0.25), endpoint(3, 0.75), endpoint(100, 1, 0), {}]);

/** Three requests wait, and prefill is fuller than decode. */
export const sceneFlow: FlowStatus = flowStatusOf({
  bands: [bandOf(2, { requests: 1, bytes: 500 }), bandOf(0), bandOf(-1, { requests: 2, bytes: 900 })],
  stages: { prefill: 0.75, decode: 0.5 },
});

/** What flow control did: each outcome once, an answer that was given up, and a wait of half a second. */
function fillFlow(registry: MetricRegistry, status: FlowStatus): void {
  const flow = new FlowMetrics({ registry, pool });
  flow.useObjectives(sceneObjectives);
  for (const outcome of flowOutcomes) flow.left(flowRequestOf({ objective: "batch" }), outcome, 0);
  flow.left(flowRequestOf({ objective: "chat" }), "dispatched", 500);
  flow.left(flowRequestOf({ objective: "agent" }), "dispatched", 500);
  flow.evicted(flowRequestOf({ objective: "batch" }));
  collectFlow(registry, pool, status);
  const { mode, saturation } = status.saturation;
  registry.gauge(poolMetrics.saturationRatio, { pool }).set(mode === "no-endpoints" ? Number.NaN : saturation);
}

export type CompatSceneOptions = { readonly snapshot?: PoolSnapshot; readonly flow?: FlowStatus };

export function compatScene({ snapshot = sceneSnapshot, flow = sceneFlow }: CompatSceneOptions = {}) {
  const registry = new MetricRegistry();
  const recorder = new AttainmentRecorder({
    registry,
    pool,
    log: new DecisionLog(10),
    isKnownModel: (name) => name === "llama",
  });
  recorder.useObjectives(sceneObjectives);
  const request = (name: string, model: string, end: Partial<RequestEnd> = {}): void => {
    const record = recorder.arrived(arrivalOf(name, 0, sceneObjectives));
    recorder.dispatched(record, routeTo("pod-0", model, 3));
    const reader = readerWith({ firstTokenAtMs: 300, lastTokenAtMs: 900, tokenEvents: 11 });
    recorder.firstToken(record, 300);
    recorder.finished(record, {
      ending: "responded",
      refusal: undefined,
      responseStatus: 200,
      reader,
      endedAtMs: 1000,
      ...end,
    });
  };
  request("chat", "llama");
  request("agent", "llama");
  request("batch", "nobody-serves-it");
  request("chat", "llama", { responseStatus: 500, reader: undefined });
  for (const [code, count] of [
    ["400", 1],
    ["413", 2],
    ["429", 3],
    ["503", 4],
  ] as const) {
    registry.counter(pickerMetrics.refusalsTotal, { pool, code }).add(count);
  }
  for (const [slot, picks] of [
    [0, 3],
    [1, 1],
  ] as const) {
    registry.counter(endpointMetrics.picksTotal, { pool, endpoint: `default/pod-${slot}` }).add(picks);
    registry.gauge(endpointMetrics.requestsInFlight, { pool, endpoint: `default/pod-${slot}` }).set(slot + 1);
  }
  registry.counter(endpointMetrics.picksTotal, { pool, endpoint: "default/left" }).add(50);
  for (const [state, count] of [
    ["fresh", 2],
    ["stale", 1],
    ["unknown", 1],
  ] as const) {
    registry.gauge(poolMetrics.endpoints, { pool, state }).set(count);
  }
  fillFlow(registry, flow);
  registry.histogram(pickerMetrics.decisionDurationSeconds).observe(0.0004);
  registry.gauge(pickerMetrics.streamsOpen).set(5);
  registry.gauge(processMetrics.buildInfo, { version: "1.2.3", commit: "abc" }).set(1);
  registry.addView(compatView({ registry, pool, snapshot: () => snapshot, now: () => 11_000, staleAfterMs: 2000 }));
  return { registry, recorder, request };
}
