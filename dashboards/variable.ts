import { endpointMetrics, objectiveMetrics, pickerMetrics, poolMetrics } from "#metrics";
import { noObjectiveName, unknownObjectiveName } from "#objective";
import { series, type Vector } from "#promql";
import type { VariableName } from "./panel.ts";
import { ofPool, scoped } from "./scope.ts";

/** A variable whose values are those of a label. */
export type LabelVariable = {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  /** Grafana's `label_values(selector, label)`. */
  readonly query: string;
  /** What stands for All in a matcher; undefined: all the values. */
  readonly all: string | undefined;
};

const valuesOf = <L extends string>({ text }: Vector<L>, label: L): string => `label_values(${text}, ${label})`;

/** Outside Kubernetes nothing has a namespace: All must match its absence, too. */
export const namespaceVariable: LabelVariable = {
  name: "namespace",
  label: "Namespace",
  description: "Namespace of the pickers, where the scrape adds one.",
  query: valuesOf(series(objectiveMetrics.info), "namespace"),
  all: ".*",
};

/** Variables by name; each offers what the ones before it leave. */
export const labelVariables: Readonly<Record<Exclude<VariableName, "quantile">, LabelVariable>> = {
  pool: {
    name: "pool",
    label: "Pool",
    description: "InferencePools.",
    query: valuesOf(scoped(poolMetrics.endpoints, { namespace: ofPool.namespace }), "pool"),
    all: ".+",
  },
  objective: {
    name: "objective",
    label: "Objective",
    description: "InferenceObjectives of the pools.",
    // Requests without an objective, or of one nobody configured, have series, too: All shows them.
    query: valuesOf(
      scoped(objectiveMetrics.info, { ...ofPool, objective: { not: [noObjectiveName, unknownObjectiveName] } }),
      "objective",
    ),
    all: ".+",
  },
  instance: {
    name: "instance",
    label: "Picker",
    description: "Pickers, by the address they are scraped at.",
    query: valuesOf(scoped(pickerMetrics.streamsOpen, { namespace: ofPool.namespace }), "instance"),
    all: undefined,
  },
  endpoint: {
    name: "endpoint",
    label: "Endpoint",
    description: "Model servers of the pools.",
    query: valuesOf(scoped(endpointMetrics.state, ofPool), "endpoint"),
    all: ".+",
  },
};

/** The quantiles to choose from; the first is chosen at the start. */
export const quantileChoices = ["0.99", "0.95", "0.9", "0.5"] as const;
