import type { ClosedValues, LabelNames, MetricUnit } from "../spec.ts";

/** A series that a recording rule writes: `level:metric:operation`. Same description as an exposed metric's, without an owner. */
export type RecordedSpec<N extends LabelNames = LabelNames, V extends ClosedValues = ClosedValues> = {
  readonly type: "recorded";
  readonly name: string;
  readonly unit: MetricUnit;
  readonly help: string;
  readonly labels: N;
  readonly values: V;
};

type Definition<N extends LabelNames, V extends ClosedValues> = {
  readonly name: string;
  readonly unit: MetricUnit;
  readonly help: string;
  readonly labels: N;
  readonly values?: V;
};

/** A recorded series' spec; `labels` and `values` keep their literal types. */
export const defineRecorded = <const N extends LabelNames, const V extends ClosedValues = ClosedValues>({
  name,
  unit,
  help,
  labels,
  values,
}: Definition<N, V>): RecordedSpec<N, V> => ({
  type: "recorded",
  name,
  unit,
  help,
  labels,
  values: values ?? ({} as V),
});
