import { parser } from "@prometheus-io/lezer-promql";
import { allRecorded, allSpecs, type MetricSpec, type RecordedSpec } from "#metrics";
import { prometheusSeries } from "#promql";

/** One selector of an expression: the series name as written, and the labels that its matchers name. */
export type UsedSelector = { readonly name: string; readonly labels: readonly string[] };
/** What an expression asks for. */
export type PromqlUsage = {
  readonly selectors: readonly UsedSelector[];
  /** Labels of `by`, `on`, `ignoring`, `group_left`. */
  readonly groupings: readonly string[];
  /** Where the text is no PromQL; empty when all is well. */
  readonly errors: readonly string[];
};

/** What Grafana puts in before Prometheus reads the expression. */
const macros: readonly (readonly [RegExp, string])[] = [
  [/\$__rate_interval|\$__interval|\$__range\b/g, "5m"],
  [/\$\{?(?:quantile)\}?/g, "0.9"],
];

/** The expression as Prometheus reads it, with Grafana's windows and quantile put in. Variables inside quotes stay. */
export const withoutMacros = (expression: string): string =>
  macros.reduce((text, [macro, value]) => text.replaceAll(macro, value), expression);

/** Parses an expression with Prometheus's own grammar. */
export function usageOf(expression: string): PromqlUsage {
  const text = withoutMacros(expression);
  const selectors: { name: string; labels: string[] }[] = [];
  const groupings: string[] = [];
  const errors: string[] = [];
  const open: string[] = [];
  parser.parse(text).iterate({
    enter({ name, type, from, to }) {
      const written = text.slice(from, to);
      if (type.isError) errors.push(`at ${from}: ${JSON.stringify(text.slice(from, to + 20))} in ${text}`);
      if (name === "VectorSelector") selectors.push({ name: "", labels: [] });
      if (name === "Identifier" && open.at(-1) === "VectorSelector") selectors.at(-1)!.name = written;
      if (name === "LabelName" && open.includes("LabelMatchers")) selectors.at(-1)!.labels.push(written);
      else if (name === "LabelName") groupings.push(written);
      open.push(name);
    },
    leave: () => void open.pop(),
  });
  return { selectors, groupings, errors };
}

const targetLabels = ["job", "instance", "namespace", "pod", "cluster"];
type Known = { readonly metric: string; readonly labels: readonly string[] };

function exposedAs(spec: MetricSpec): readonly (readonly [string, Known])[] {
  const { name: metric, labels } = spec;
  if (spec.type !== "histogram") return [[metric, { metric, labels }]];
  return [
    [`${metric}_bucket`, { metric, labels: [...labels, "le"] }],
    [`${metric}_sum`, { metric, labels }],
    [`${metric}_count`, { metric, labels }],
  ];
}

const ownSeries = ({ name, labels }: Pick<RecordedSpec, "name" | "labels">): readonly [string, Known] => [
  name,
  { metric: name, labels },
];

const known: ReadonlyMap<string, Known> = new Map([
  ...allSpecs.flatMap(exposedAs),
  ...allRecorded.map(ownSeries),
  ...Object.values(prometheusSeries).map(ownSeries),
]);

/**
 * What is wrong with expressions by the catalogue: text that is no PromQL, series that nobody exposes or records,
 * matchers and groupings by labels that the series do not have. One line a problem; empty when all is well.
 */
export function usageProblems(expressions: readonly string[]): readonly string[] {
  return expressions.flatMap((expression) => {
    const { selectors, groupings, errors } = usageOf(expression);
    const unknown = selectors.filter(({ name }) => !known.has(name));
    const foreign = selectors.flatMap(({ name, labels }) =>
      labels.filter((label) => ![...(known.get(name)?.labels ?? []), ...targetLabels].includes(label)),
    );
    const all = new Set([...selectors.flatMap(({ name }) => known.get(name)?.labels ?? []), ...targetLabels]);
    return [
      ...errors.map((error) => `not PromQL ${error}`),
      ...unknown.map(({ name }) => `unknown series ${JSON.stringify(name)} in ${expression}`),
      ...foreign.map((label) => `no series has the label ${label} that is matched in ${expression}`),
      ...groupings
        .filter((label) => !all.has(label))
        .map((label) => `no series has the label ${label} that is grouped by in ${expression}`),
    ];
  });
}

/** Names of the catalogue's metrics, exposed and recorded, that the expressions use; a histogram by its family's name. */
export function metricsUsed(expressions: readonly string[]): ReadonlySet<string> {
  const names = expressions.flatMap((expression) => usageOf(expression).selectors.map(({ name }) => name));
  return new Set(names.flatMap((name) => known.get(name)?.metric ?? []));
}

/**
 * Stable metrics and recorded series that no expression uses, and entries of the allow-list that are not needed.
 * @param expressions those of all dashboards and alerts together
 * @param allowed metric name → why it is served although nothing of ours shows it
 */
export function unusedMetrics(
  expressions: readonly string[],
  allowed: Readonly<Record<string, string>>,
): { readonly unused: readonly string[]; readonly needlesslyAllowed: readonly string[] } {
  const used = metricsUsed(expressions);
  const names = [...allSpecs.filter(({ stability }) => stability === "stable"), ...allRecorded].map(({ name }) => name);
  return {
    unused: names.filter((name) => !used.has(name) && allowed[name] === undefined),
    needlesslyAllowed: Object.keys(allowed).filter((name) => used.has(name) || !names.includes(name)),
  };
}
