/** What a value counts or measures; `none` where the name says what is counted, or the value is a flag. */
export type MetricUnit = "seconds" | "bytes" | "ratio" | "tokens" | "none";
/** Stable: name and labels are promised. Beta: may change with a CHANGELOG line. */
export type MetricStability = "stable" | "beta";
/** Who writes the values: a room, or `shell` for what every process does. */
export type MetricOwner = "picker" | "autoscaler" | "simulator" | "gateway" | "load" | "shell";

/** Label names, in the order in which they are written. */
export type LabelNames = readonly string[];
/** The whole set of values of those labels whose values are fixed by the vocabulary. */
export type ClosedValues = Readonly<Record<string, readonly string[]>>;

type Described<T extends string, N extends LabelNames, V extends ClosedValues> = {
  readonly type: T;
  /** As exposed, base unit last, `_total` on counters. */
  readonly name: string;
  readonly unit: MetricUnit;
  /** One sentence for the HELP line. */
  readonly help: string;
  readonly labels: N;
  /** Labels that are not named here take any string. */
  readonly values: V;
  readonly stability: MetricStability;
  readonly owner: MetricOwner;
};

/** A count that only grows while the process lives. */
export type CounterSpec<N extends LabelNames = LabelNames, V extends ClosedValues = ClosedValues> = Described<
  "counter",
  N,
  V
>;
/** A value that rises and falls. */
export type GaugeSpec<N extends LabelNames = LabelNames, V extends ClosedValues = ClosedValues> = Described<
  "gauge",
  N,
  V
>;
/** A distribution over buckets. `edges` are inclusive upper bounds in the spec's unit, ascending, without +Inf. */
export type HistogramSpec<N extends LabelNames = LabelNames, V extends ClosedValues = ClosedValues> = Described<
  "histogram",
  N,
  V
> & { readonly edges: readonly number[] };
/** One metric family as data. */
export type MetricSpec<N extends LabelNames = LabelNames, V extends ClosedValues = ClosedValues> =
  | CounterSpec<N, V>
  | GaugeSpec<N, V>
  | HistogramSpec<N, V>;

/** A value for every label of a spec: a misspelt or missing label, or a value outside a closed set, does not compile. */
export type LabelsOf<N extends LabelNames, V extends ClosedValues> = {
  readonly [K in N[number]]: K extends keyof V ? V[K][number] : string;
};
/** The label argument of a look-up; may be left out where the family has no labels. */
export type LabelArguments<N extends LabelNames, V extends ClosedValues> = N extends readonly []
  ? [labels?: Readonly<Record<string, never>>]
  : [labels: LabelsOf<N, V>];

type Definition<N extends LabelNames, V extends ClosedValues> = {
  readonly name: string;
  readonly unit: MetricUnit;
  readonly help: string;
  readonly labels: N;
  readonly values?: V;
  readonly stability: MetricStability;
  readonly owner: MetricOwner;
};

const describe = <T extends string, N extends LabelNames, V extends ClosedValues>(
  type: T,
  { name, unit, help, labels, values, stability, owner }: Definition<N, V>,
): Described<T, N, V> => ({ type, name, unit, help, labels, values: values ?? ({} as V), stability, owner });

/** A counter's spec; `labels` and `values` keep their literal types. */
export const defineCounter = <const N extends LabelNames, const V extends ClosedValues = ClosedValues>(
  definition: Definition<N, V>,
): CounterSpec<N, V> => describe("counter", definition);

/** A gauge's spec; `labels` and `values` keep their literal types. */
export const defineGauge = <const N extends LabelNames, const V extends ClosedValues = ClosedValues>(
  definition: Definition<N, V>,
): GaugeSpec<N, V> => describe("gauge", definition);

/** A histogram's spec; `labels` and `values` keep their literal types, `edges` are in the spec's unit. */
export const defineHistogram = <const N extends LabelNames, const V extends ClosedValues = ClosedValues>(
  definition: Definition<N, V> & { readonly edges: readonly number[] },
): HistogramSpec<N, V> => ({ ...describe("histogram", definition), edges: definition.edges });
