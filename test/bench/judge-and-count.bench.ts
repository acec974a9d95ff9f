import { MetricRegistry, objectiveMetrics, requestMetrics } from "#metrics";
import { judge, ObjectiveTable } from "#objective";
import { AttainmentRecorder } from "../../picker/attainment/recorder.ts";
import { observationOf } from "../../picker/attainment/outcome.ts";
import { DecisionLog } from "../../picker/decision/decision-log.ts";
import { arrivalOf, chatLevel, objective, routeTo, streamedEnd } from "../support/attainment.ts";
import type { Bench } from "./compare.ts";

const table = new ObjectiveTable([{ objective: objective("chat"), level: chatLevel }]);

const arrival = arrivalOf("chat", 0, table);
const route = routeTo("a", "llama", 1);

/** The same verdict, counted in maps keyed by joined labels, histograms as arrays found by a scan. */
function naive() {
  const counters = new Map<string, number>();
  const histograms = new Map<string, number[]>();
  const edges = [
    0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.5, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60, 120,
  ];
  const add = (name: string, labels: Readonly<Record<string, string>>, by: number): void => {
    const key = `${name}{${Object.entries(labels)
      .map(([label, value]) => `${label}="${value}"`)
      .join(",")}}`;
    counters.set(key, (counters.get(key) ?? 0) + by);
  };
  const observe = (name: string, labels: Readonly<Record<string, string>>, value: number): void => {
    const key = `${name}${JSON.stringify(labels)}`;
    const counts = histograms.get(key) ?? edges.map(() => 0);
    histograms.set(key, counts);
    edges.forEach((edge, index) => {
      if (value <= edge) counts[index]! += 1;
    });
  };
  return () => {
    const record = { arrival, route };
    const observation = observationOf(record, streamedEnd);
    const { verdict, ...settled } = judge(observation, chatLevel, { priority: 0 });
    const labels = { pool: "pool", objective: "chat" };
    add("requests", { ...labels, verdict }, 1);
    for (const [dimension, value] of Object.entries(settled)) {
      if (value !== undefined) add("dimension", { ...labels, dimension, verdict: value }, 1);
    }
    add("output", { ...labels, verdict }, 41);
    for (const direction of ["input", "cached", "output"])
      add("tokens", { pool: "pool", model: "llama", direction }, 41);
    const by = { ...labels, model: "llama" };
    observe("queue", by, 0.001);
    observe("ttft", by, observation.ttftMs! / 1000);
    observe("tpot", by, observation.tpotMs! / 1000);
    observe("duration", by, observation.elapsedMs / 1000);
    return counters.size + histograms.size;
  };
}

function ours() {
  const recorder = new AttainmentRecorder({
    registry: new MetricRegistry(),
    pool: "pool",
    log: new DecisionLog(1000),
    isKnownModel: () => true,
  });
  recorder.useObjectives(table);
  return () => {
    const record = recorder.arrived(arrival);
    recorder.dispatched(record, route);
    recorder.firstToken(record, 120);
    return recorder.finished(record, streamedEnd).verdict;
  };
}

/** What metrics alone cost of it: the handles that one request updates, against the same names in maps. */
function metricsOnly() {
  const registry = new MetricRegistry();
  const pool = "pool";
  const by = { pool, objective: "chat" };
  const { requestsTotal, dimensionTotal, outputTokensTotal } = objectiveMetrics;
  const counters = [
    registry.counter(requestsTotal, { ...by, verdict: "met" }),
    registry.counter(dimensionTotal, { ...by, dimension: "ttft", verdict: "met" }),
    registry.counter(dimensionTotal, { ...by, dimension: "tpot", verdict: "met" }),
    registry.counter(outputTokensTotal, { ...by, verdict: "met" }),
    ...(["input", "cached", "output"] as const).map((direction) =>
      registry.counter(requestMetrics.tokensTotal, { pool, model: "llama", direction, source: "usage" }),
    ),
  ];
  const { queueSeconds, ttftSeconds, tpotSeconds, durationSeconds } = requestMetrics;
  const histograms = [queueSeconds, ttftSeconds, tpotSeconds, durationSeconds].map((spec) =>
    registry.histogram(spec, { ...by, model: "llama" }),
  );
  return () => {
    for (let i = 0; i < counters.length; i++) counters[i]!.add(1);
    for (let i = 0; i < histograms.length; i++) histograms[i]!.observe(0.12);
    return counters.length;
  };
}

export const bench: Bench = {
  name: "judge a request and count it (4 histograms, 7 counters, decision record)",
  cases: () => [
    { name: "one request", baseline: naive(), candidate: ours(), baselineName: "maps keyed by joined labels" },
    {
      name: "its metrics alone (7 counters, 4 histograms)",
      baseline: naive(),
      candidate: metricsOnly(),
      baselineName: "maps keyed by joined labels, judging included",
    },
  ],
};
