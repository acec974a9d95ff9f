/** Counts what becomes of each request in flow control. */
import { flowMetrics, type Counter, type MetricRegistry } from "#metrics";
import type { ObjectiveTable } from "#objective";
import { toSeconds, type Milliseconds } from "#units";
import { chargedTokens, type FlowEvents, type FlowOutcome } from "../flow-events.ts";
import type { FlowRequest } from "../flow-request.ts";
import type { Denial } from "../trust/resolve-objective.ts";
import { objectiveFlowSeries, type ObjectiveFlowSeries } from "./flow-series.ts";

export type FlowMetricsOptions = { readonly registry: MetricRegistry; readonly pool: string };

/** Counts under the request's objective, which is a configured one or a reserved name. Every series of it exists at 0 from the start. */
export class FlowMetrics implements FlowEvents {
  readonly #options: FlowMetricsOptions;
  readonly #series = new Map<string, ObjectiveFlowSeries>();
  readonly #denied: Readonly<Record<Denial["reason"], Counter>>;

  constructor(options: FlowMetricsOptions) {
    this.#options = options;
    const denied = (reason: "above_ceiling" | "not_allowed"): Counter =>
      options.registry.counter(flowMetrics.escalationsDeniedTotal, { pool: options.pool, reason });
    this.#denied = { "above-ceiling": denied("above_ceiling"), "not-allowed": denied("not_allowed") };
  }

  /** Creates the series of every objective at 0. Those of objectives that are gone keep what they counted. */
  useObjectives({ entries }: ObjectiveTable): void {
    for (const { name } of entries) this.#seriesOf(name);
  }

  left(request: FlowRequest, outcome: FlowOutcome, waitedMs: Milliseconds): void {
    const series = this.#seriesOf(request.objective);
    const { count, wait } = series.outcomes[outcome];
    count.add(1);
    wait.observe(toSeconds(waitedMs));
    if (outcome === "dispatched") series.dispatchedTokens.add(chargedTokens(request));
  }

  evicted({ objective }: FlowRequest): void {
    this.#seriesOf(objective).evicted.add(1);
  }

  demoted({ objective }: FlowRequest): void {
    this.#seriesOf(objective).demoted.add(1);
  }

  would({ objective }: FlowRequest, outcome: FlowOutcome): void {
    this.#seriesOf(objective).outcomes[outcome].would.add(1);
  }

  wouldTtft({ objective }: FlowRequest, verdict: "met" | "missed"): void {
    this.#seriesOf(objective).wouldTtft[verdict].add(1);
  }

  /** A client asked for more than it may have. */
  escalationDenied(reason: Denial["reason"]): void {
    this.#denied[reason].add(1);
  }

  #seriesOf(objective: string): ObjectiveFlowSeries {
    let series = this.#series.get(objective);
    if (series === undefined) {
      series = objectiveFlowSeries(this.#options.registry, this.#options.pool, objective);
      this.#series.set(objective, series);
    }
    return series;
  }
}
