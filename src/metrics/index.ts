/** The metric catalogue as data, the registry that holds the values, and the two text formats that expose them. */
export type {
  ClosedValues,
  CounterSpec,
  GaugeSpec,
  HistogramSpec,
  LabelArguments,
  LabelNames,
  LabelsOf,
  MetricOwner,
  MetricSpec,
  MetricStability,
  MetricUnit,
} from "./spec.ts";
export { defineCounter, defineGauge, defineHistogram } from "./spec.ts";
export { specProblems } from "./spec-rules.ts";
export { baseEdges } from "./edges.ts";
export { allSpecs } from "./catalogue/all-specs.ts";
export { endpointMetrics } from "./catalogue/endpoint.ts";
export { flowMetrics } from "./catalogue/flow.ts";
export { objectiveMetrics } from "./catalogue/objective.ts";
export { pickerMetrics } from "./catalogue/picker.ts";
export { poolMetrics } from "./catalogue/pool.ts";
export { processMetrics } from "./catalogue/process.ts";
export { requestMetrics } from "./catalogue/request.ts";
export type { RecordedSpec } from "./catalogue/recorded-spec.ts";
export { defineRecorded } from "./catalogue/recorded-spec.ts";
export { alertNamePrefix, allRecorded, recordedSeries } from "./catalogue/recorded.ts";
export type { Counter, Gauge, Histogram } from "./series.ts";
export type { Collector, SeriesHistogram, SeriesValue, SomeLabels } from "./registry.ts";
export { MetricRegistry } from "./registry.ts";
export type { MetricView, ViewedFamily, ViewedSeries } from "./exposed-family.ts";
export type { Exemplar, HistogramSnapshot } from "./histogram.ts";
export { quantileOf } from "./histogram.ts";
export { renderOpenMetrics, renderOpenMetricsPieces, renderText, renderTextPieces } from "./exposition.ts";
export type { Exposition } from "./negotiate.ts";
export { negotiateExposition } from "./negotiate.ts";
export { metricsDocument, unexplainedLabels } from "./document.ts";
