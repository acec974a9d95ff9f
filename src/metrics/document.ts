import { endpointMetrics } from "./catalogue/endpoint.ts";
import { flowMetrics } from "./catalogue/flow.ts";
import { objectiveMetrics } from "./catalogue/objective.ts";
import { pickerMetrics } from "./catalogue/picker.ts";
import { poolMetrics } from "./catalogue/pool.ts";
import { processMetrics } from "./catalogue/process.ts";
import type { RecordedSpec } from "./catalogue/recorded-spec.ts";
import { allRecorded } from "./catalogue/recorded.ts";
import { requestMetrics } from "./catalogue/request.ts";
import type { MetricSpec } from "./spec.ts";

type Area = { readonly title: string; readonly specs: Readonly<Record<string, MetricSpec>> };

const areas: readonly Area[] = [
  { title: "Objectives", specs: objectiveMetrics },
  { title: "Requests", specs: requestMetrics },
  { title: "Endpoints", specs: endpointMetrics },
  { title: "Flow control", specs: flowMetrics },
  { title: "Pool", specs: poolMetrics },
  { title: "Picker", specs: pickerMetrics },
  { title: "Process", specs: processMetrics },
];

/** What bounds the values of labels that take any string: nothing that a client sends becomes a value. */
const openLabels: Readonly<Record<string, string>> = {
  pool: "the picker's pool",
  objective:
    "names of configured InferenceObjectives; `unknown` for a name nobody configured, `none` where a request names none",
  model: "models that model servers say they serve, and configured ones; `other` for any other",
  endpoint: "endpoints of the pool; series go when the endpoint does",
  priority: "priorities of configured InferenceObjectives; of waiting requests, those of the bands that there are now",
  code: "HTTP status codes of the picker's own answers",
  reason: "ways in which a scrape fails",
  result: "ways in which a stream ends",
  file: "configuration files that are followed",
  version: "the running version",
  commit: "the running commit",
  window: "windows of the objective's burn-rate alerts, and its period",
};

/** Open labels of the catalogue that the document says nothing about. */
export const unexplainedLabels = (): readonly string[] =>
  [...new Set([...areas.flatMap(({ specs }) => Object.values(specs)), ...allRecorded].flatMap(openLabelsOf))].filter(
    (label) => openLabels[label] === undefined,
  );

const openLabelsOf = ({ labels, values }: MetricSpec | RecordedSpec): readonly string[] =>
  labels.filter((label) => values[label] === undefined);

const labelText = ({ labels, values }: MetricSpec | RecordedSpec): string =>
  labels
    .map((label) => `\`${label}\`${values[label] === undefined ? "" : ` = ${values[label].join(", ")}`}`)
    .join("; ");

const unitText = ({ unit }: MetricSpec | RecordedSpec): string => (unit === "none" ? "" : unit);

const table = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |\n`).join("");

const areaText = ({ title, specs }: Area): string =>
  `## ${title}\n\n${table(
    ["name", "type", "unit", "labels", "stability", "owner", "what it says"],
    Object.values(specs).map((spec) => [
      `\`${spec.name}\``,
      spec.type,
      unitText(spec),
      labelText(spec),
      spec.stability,
      spec.owner,
      spec.help,
    ]),
  )}`;

const edgesText = ({ specs }: Area): readonly (readonly string[])[] =>
  Object.values(specs).flatMap((spec) =>
    spec.type === "histogram" ? [[`\`${spec.name}\``, spec.edges.join(" ")]] : [],
  );

const introduction = `# Metrics

Made by \`attain render metrics\` from the catalogue in \`src/metrics/catalogue\`. Dashboards, alerts and this page are built from the same
specs: a renamed metric or label stops compiling where it is used.

Stable: name and labels are promised. Beta: may change with a line in the CHANGELOG. Durations are seconds, shares are 0 to 1. Every
counter of an objective exists from its start at 0. A gauge whose value is not known is absent, never 0.
`;

/** docs/metrics.md: every metric of the catalogue and every recorded series, as Markdown. */
export const metricsDocument = (): string =>
  [
    introduction,
    ...areas.map(areaText),
    `## Recorded series\n\nWritten by the recording rules of \`attain render alerts\` ([alerts.md](alerts.md)).\n\n${table(
      ["name", "unit", "labels", "what it says"],
      allRecorded.map((spec) => [`\`${spec.name}\``, unitText(spec), labelText(spec), spec.help]),
    )}`,
    `## Labels\n\nNo label takes a value from a client, so a metric has at most as many series as its labels have combinations: of \`objective\` as\nmany as are configured and two, of \`model\` as many as are served and one, of \`endpoint\` as many as the pool has. Where a table above\ngives no values, they are:\n\n${table(
      ["label", "values"],
      Object.entries(openLabels).map(([label, text]) => [`\`${label}\``, text]),
    )}`,
    `## Bucket edges\n\nUpper bounds, inclusive, in the metric's unit. The thresholds of configured service levels are added as exact edges to time to\nfirst token, time per output token and duration.\n\n${table(["histogram", "edges"], areas.flatMap(edgesText))}`,
  ].join("\n");
