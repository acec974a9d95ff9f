/** Turns what a session saw into one verdict, and the verdict into counts. Source: docs/attainment.md. */
import { objectiveMetrics, pickerMetrics, requestMetrics, type Counter, type MetricRegistry } from "#metrics";
import { dimensions, judge, type Judgement, type ObjectiveTable, type RequestObservation } from "#objective";
import { toSeconds, type Milliseconds, type Seconds } from "#units";
import type { Arrival, Route } from "../director/arrival.ts";
import type { DecisionLog } from "../decision/decision-log.ts";
import type { KeptTrace, RequestTracer } from "../tracing/request-tracer.ts";
import { observationOf, outputTokensOf, type RequestEnd, type RequestRecord } from "./outcome.ts";
import {
  describeObjective,
  latencySeries,
  objectiveSeries,
  type LatencySeries,
  type ObjectiveSeries,
} from "./series.ts";

/** Label value of a model that no model server says it serves. */
const otherModel = "other";

/** What the recorder is given when it is made. */
export type RecorderOptions = {
  readonly registry: MetricRegistry;
  readonly pool: string;
  readonly log: DecisionLog;
  /** Whether a model server says that it serves this name: only such names become label values. */
  readonly isKnownModel: (model: string) => boolean;
  /** Undefined: tracing is off. */
  readonly tracer?: RequestTracer | undefined;
};

/** Counts verdicts and observes latencies. Every series of a configured objective exists at 0 from the start. */
export class AttainmentRecorder {
  readonly #options: RecorderOptions;
  readonly #unknownModels: Counter;
  readonly #series = new Map<string, ObjectiveSeries>();
  readonly #latencies = new Map<string, Map<string, LatencySeries>>();

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#unknownModels = options.registry.counter(pickerMetrics.unknownModelRequestsTotal, { pool: options.pool });
  }

  /** Creates the series of every objective at 0 and makes each threshold an exact histogram edge. */
  useObjectives(table: ObjectiveTable): void {
    const { registry, pool } = this.#options;
    const edges = (dimension: "ttftMs" | "tpotMs" | "e2eMs"): readonly Seconds[] =>
      table.entries.flatMap(({ level }) => {
        const threshold = level?.thresholds[dimension];
        return threshold === undefined ? [] : [toSeconds(threshold)];
      });
    registry.setEdges(requestMetrics.ttftSeconds, edges("ttftMs"));
    registry.setEdges(requestMetrics.tpotSeconds, edges("tpotMs"));
    registry.setEdges(requestMetrics.durationSeconds, edges("e2eMs"));
    for (const spec of [objectiveMetrics.info, objectiveMetrics.targetRatio, objectiveMetrics.thresholdSeconds]) {
      registry.remove(spec, { pool });
    }
    for (const entry of table.entries) {
      this.#seriesOf(entry.name);
      this.#latencyOf(entry.name, undefined);
      describeObjective(registry, pool, entry);
    }
  }

  /** The request headers were handled. */
  arrived(arrival: Arrival): RequestRecord {
    this.#seriesOf(arrival.objective.name).inFlight.add(1);
    return { arrival, route: undefined, trace: this.#options.tracer?.begin(arrival.headers) };
  }

  /** The destination was sent to the proxy. */
  dispatched(record: RequestRecord, route: Route): void {
    record.route = route;
    if (route.model !== undefined && !this.#options.isKnownModel(route.model)) this.#unknownModels.add(1);
    this.#latency(record).queue.observe(toSeconds(route.decidedAtMs - record.arrival.arrivedAtMs));
  }

  /** The first token passed: published now, not when the response ends. */
  firstToken(record: RequestRecord, atMs: Milliseconds): void {
    this.#latency(record).ttft.observe(toSeconds(atMs - record.arrival.arrivedAtMs));
  }

  /** The one place where a request gets its verdict. */
  finished(record: RequestRecord, end: RequestEnd): Judgement {
    const { objective } = record.arrival;
    const observation = observationOf(record, end);
    const judgement = judge(observation, objective.level, record.arrival);
    const outputTokens = outputTokensOf(end);
    const series = this.#seriesOf(objective.name);
    series.inFlight.add(-1);
    series.requests[judgement.verdict].add(1);
    if (judgement.reason !== undefined) series.missed[judgement.reason].add(1);
    for (const dimension of dimensions) {
      const verdict = judgement[dimension];
      if (verdict !== undefined) series.dimensions[dimension][verdict].add(1);
    }
    if (outputTokens > 0) series.outputTokens[judgement.verdict].add(outputTokens);
    if (record.route !== undefined) this.#observeResponse(record, end, observation);
    if (record.trace !== undefined) {
      const kept = this.#options.tracer?.end(record.trace, { record, end, observation, judgement });
      if (kept !== undefined && record.route !== undefined) this.#attachExemplars(record, end, observation, kept);
    }
    this.#options.log.add(record, end, observation, judgement);
    return judgement;
  }

  #attachExemplars(record: RequestRecord, end: RequestEnd, observation: RequestObservation, kept: KeptTrace): void {
    const { traceId, wallOffsetMs } = kept;
    const { ttft, tpot } = this.#latency(record);
    const { ttftMs, tpotMs, outcome } = observation;
    if (ttftMs !== undefined) {
      const atSeconds = toSeconds(wallOffsetMs + record.arrival.arrivedAtMs + ttftMs);
      ttft.attachExemplar({ traceId, value: toSeconds(ttftMs), atSeconds });
    }
    if (tpotMs !== undefined && outcome.kind === "completed") {
      tpot.attachExemplar({ traceId, value: toSeconds(tpotMs), atSeconds: toSeconds(wallOffsetMs + end.endedAtMs) });
    }
  }

  #observeResponse(record: RequestRecord, { reader }: RequestEnd, observation: RequestObservation): void {
    const latency = this.#latency(record);
    if (observation.outcome.kind === "completed") {
      latency.duration.observe(toSeconds(observation.elapsedMs));
      if (observation.tpotMs !== undefined) latency.tpot.observe(toSeconds(observation.tpotMs));
    }
    if (observation.outcome.kind === "upstream-error") latency.upstreamErrors.add(1);
    if (reader === undefined) return;
    const { inputTokens, outputTokens, cachedTokens } = reader.usage;
    if (inputTokens !== undefined) latency.inputTokens.add(inputTokens);
    if (cachedTokens !== undefined) latency.cachedTokens.add(cachedTokens);
    if (outputTokens !== undefined) latency.outputTokens.add(outputTokens);
    else if (reader.tokenEvents > 0) latency.estimatedOutputTokens.add(reader.tokenEvents);
  }

  #latency({ arrival, route }: RequestRecord): LatencySeries {
    return this.#latencyOf(arrival.objective.name, route?.model);
  }

  #latencyOf(objective: string, model: string | undefined): LatencySeries {
    const { registry, pool, isKnownModel } = this.#options;
    const label = model !== undefined && isKnownModel(model) ? model : otherModel;
    let byModel = this.#latencies.get(objective);
    if (byModel === undefined) this.#latencies.set(objective, (byModel = new Map<string, LatencySeries>()));
    let series = byModel.get(label);
    if (series === undefined) byModel.set(label, (series = latencySeries(registry, pool, objective, label)));
    return series;
  }

  #seriesOf(objective: string): ObjectiveSeries {
    let series = this.#series.get(objective);
    if (series === undefined) {
      series = objectiveSeries(this.#options.registry, this.#options.pool, objective);
      this.#series.set(objective, series);
    }
    return series;
  }
}
