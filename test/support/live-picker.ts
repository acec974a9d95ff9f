/** A picker's registry, decision log and pool, filled by hand, for what the live page is told. */
import { MetricRegistry, endpointMetrics, pickerMetrics } from "#metrics";
import { makeSnapshot, type EndpointMetrics, type PoolSnapshot } from "#pool";
import type { Milliseconds } from "#units";
import { AttainmentRecorder } from "../../picker/attainment/recorder.ts";
import type { RequestEnd } from "../../picker/attainment/outcome.ts";
import { DecisionLog } from "../../picker/decision/decision-log.ts";
import { InFlightLedger } from "../../picker/flow/ledger.ts";
import { arrivalOf, exampleTable, readerWith, routeTo } from "./attainment.ts";

export const livePool = "pool";

const scraped = (observedAtMs: Milliseconds): EndpointMetrics => ({
  waitingRequests: 2,
  runningRequests: 3,
  kvCacheUsageRatio: 0.25,
  cacheBlockSizeTokens: undefined,
  cacheBlockCount: undefined,
  lora: undefined,
  observedAtMs,
});

/** Endpoints `default/a` (scraped at 0) and `default/b` (never scraped). */
export function liveSnapshotOfPool(): PoolSnapshot {
  const { endpoint } = routeTo("a", undefined);
  return makeSnapshot(1, 0, [
    { ...endpoint, metrics: scraped(0) },
    { ...endpoint, id: "default/b", name: "b", slot: 1 },
  ]);
}

/** Requests end when the test says so; the objectives are those of `exampleTable`. */
export function livePicker() {
  const registry = new MetricRegistry();
  const log = new DecisionLog(1000);
  const recorder = new AttainmentRecorder({ registry, pool: livePool, log, isKnownModel: () => true });
  recorder.useObjectives(exampleTable);
  const end = (objective: string, id: string, arrivedAtMs: Milliseconds, ending: Partial<RequestEnd>): void => {
    const record = recorder.arrived({ ...arrivalOf(objective, arrivedAtMs), id });
    const { endedAtMs = arrivedAtMs, reader, ...rest } = ending;
    if (rest.ending !== "refused") recorder.dispatched(record, routeTo("a", "llama", arrivedAtMs));
    if (reader?.firstTokenAtMs !== undefined) recorder.firstToken(record, reader.firstTokenAtMs);
    recorder.finished(record, {
      ending: "responded",
      refusal: undefined,
      refusalStatus: undefined,
      responseStatus: 200,
      ...rest,
      reader,
      endedAtMs,
    });
  };
  return {
    registry,
    log,
    recorder,
    ledger: new InFlightLedger(),
    table: exampleTable,
    snapshot: liveSnapshotOfPool(),
    /** A streamed response of 11 tokens, 10 ms apart. */
    respond: (id: string, endedAtMs: Milliseconds, ttftMs: Milliseconds, objective = "chat"): void => {
      const arrivedAtMs = endedAtMs - ttftMs - 100;
      const firstTokenAtMs = arrivedAtMs + ttftMs;
      const reader = readerWith({ firstTokenAtMs, lastTokenAtMs: firstTokenAtMs + 100, tokenEvents: 11 });
      end(objective, id, arrivedAtMs, { reader, endedAtMs });
    },
    refuse: (id: string, endedAtMs: Milliseconds, objective = "chat"): void => {
      end(objective, id, endedAtMs, {
        ending: "refused",
        refusal: "no_endpoints",
        responseStatus: 0,
        reader: undefined,
        endedAtMs,
      });
      registry.counter(pickerMetrics.refusalsTotal, { pool: livePool, code: "503" }).add(1);
    },
    pick: (endpoint: string): void => {
      registry.counter(endpointMetrics.picksTotal, { pool: livePool, endpoint }).add(1);
    },
  };
}
