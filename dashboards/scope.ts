import type { ClosedValues, LabelNames } from "#metrics";
import { series, type Matchers, type Selector, type SeriesSpec, type SeriesType, type TargetLabel } from "#promql";

/** Matchers of the dashboards' variables, by what a series is about. */
export const ofPool = { namespace: "$namespace", pool: "$pool" } as const;
export const ofObjective = { ...ofPool, objective: "$objective" } as const;
export const ofEndpoint = { ...ofPool, endpoint: "$endpoint" } as const;
export const ofPicker = { namespace: "$namespace", instance: "$instance" } as const;
/** Of recorded series, which are summed over namespaces. */
export const recordedOf = { pool: "$pool", objective: "$objective" } as const;

/** What tells objectives apart. */
export const perObjective = ["pool", "objective"] as const;
export const perEndpoint = ["pool", "endpoint"] as const;

type Foreign<M, L> = { readonly [K in Exclude<keyof M, L>]: never };

/**
 * The series of a metric inside a scope. Unlike an object that is written on the spot, a scope that is kept in a constant
 * may name labels that the metric does not have without the compiler's notice: here it does not.
 */
export const scoped = <
  T extends SeriesType,
  const N extends LabelNames,
  V extends ClosedValues,
  const M extends Matchers<N, V>,
>(
  spec: SeriesSpec<T, N, V>,
  matchers: M & Foreign<M, N[number] | TargetLabel>,
): Selector<T, N[number] | TargetLabel> => series(spec, matchers);
