/** A picker's values after a handful of requests, with the field's names beside its own. */
import { endpointMetrics, MetricRegistry, pickerMetrics, poolMetrics, processMetrics } from "#metrics";
import { ObjectiveTable } from "#objective";
import type { PoolSnapshot } from "#pool";
import type { RequestEnd } from "../../picker/attainment/outcome.ts";
import { AttainmentRecorder } from "../../picker/attainment/recorder.ts";
import { compatView } from "../../picker/compat/compat-view.ts";
import { DecisionLog } from "../../picker/decision/decision-log.ts";
import { arrivalOf, chatLevel, objective, readerWith, routeTo } from "./attainment.ts";
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

export function compatScene(options: { readonly snapshot?: PoolSnapshot } = {}) {
  const { snapshot = sceneSnapshot } = options;
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
  registry.gauge(poolMetrics.endpoints, { pool, state: "fresh" }).set(2);
  registry.histogram(pickerMetrics.decisionDurationSeconds).observe(0.0004);
  registry.gauge(pickerMetrics.streamsOpen).set(5);
  registry.gauge(processMetrics.buildInfo, { version: "1.2.3", commit: "abc" }).set(1);
  registry.addView(compatView({ registry, pool, snapshot: () => snapshot, now: () => 11_000, staleAfterMs: 2000 }));
  return { registry, recorder, request };
}
