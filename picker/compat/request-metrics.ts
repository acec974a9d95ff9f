/** The field's request metrics. Its labels name the model and the priority; ours name the objective, which has one. */
import { pickerMetrics, requestMetrics, type ViewedSeries } from "#metrics";
import { cellsOf, single, type CompatMetric, type Reading, type Viewed } from "./view-metric.ts";

const requestLabels = ["model_name", "target_model_name", "fairness_id", "priority"] as const;

type OfRequest = { readonly objective: string; readonly model: string };

/** Nothing here rewrites a model's name, so the target is the name itself. Empty: the objective is gone. */
function labelled(
  { priorities }: Reading,
  { objective, model }: OfRequest,
  cells: Float64Array,
  more: Readonly<Record<string, string>> = {},
): readonly ViewedSeries[] {
  const priority = priorities.get(objective);
  if (priority === undefined) return [];
  return [{ labels: { model_name: model, target_model_name: model, priority, ...more }, cells }];
}

type LatencySpec = typeof requestMetrics.ttftSeconds;

function histogram(reading: Reading, spec: LatencySpec, more: Readonly<Record<string, string>> = {}): Viewed {
  const found = reading.registry.histograms(spec, { pool: reading.pool });
  return {
    edges: Float64Array.from(found[0]?.histogram.edges ?? []),
    series: found.flatMap(({ labels, histogram: one }) => labelled(reading, labels, cellsOf(one), more)),
  };
}

/** The field's words for what the picker answers itself. */
const errorCodes: Readonly<Record<string, string>> = {
  "400": "BadRequest",
  "413": "BadRequest",
  "429": "ResourceExhausted",
  "503": "ServiceUnavailable",
};

function errors(reading: Reading): Viewed {
  const { registry, pool } = reading;
  const refused = registry
    .values(pickerMetrics.refusalsTotal, { pool })
    .map(({ labels, value }) => single({ error_code: errorCodes[labels.code] ?? "Unknown" }, value));
  const failed = registry
    .values(requestMetrics.upstreamErrorsTotal, { pool })
    .flatMap(({ labels, value }) =>
      labelled(reading, labels, Float64Array.of(value), { error_code: "ModelServerError" }),
    );
  return { series: [...refused, ...failed] };
}

const request = { type: "histogram", unit: "seconds", labels: requestLabels } as const;

export const requestView: readonly CompatMetric[] = [
  {
    name: "request_total",
    type: "counter",
    unit: "none",
    help: "Requests that were sent to an endpoint.",
    labels: requestLabels,
    from: "`attain_request_queue_seconds` (its count)",
    differs: undefined,
    read: (reading) => ({
      series: reading.registry
        .histograms(requestMetrics.queueSeconds, { pool: reading.pool })
        .flatMap(({ labels, histogram: { count } }) => labelled(reading, labels, Float64Array.of(count))),
    }),
  },
  {
    name: "request_error_total",
    type: "counter",
    unit: "none",
    help: "Requests that the picker refused, without model and priority, and responses that failed.",
    labels: [...requestLabels, "error_code"],
    from: "`attain_picker_refusals_total`, `attain_request_upstream_errors_total`",
    differs: "every failed response counts as `ModelServerError`; the field's own counts few of them behind Envoy",
    read: errors,
  },
  {
    ...request,
    name: "request_ttft_seconds",
    help: "Arrival to first output token of streamed responses.",
    labels: [...requestLabels, "streaming"],
    from: "`attain_request_ttft_seconds`",
    differs: 'first token instead of first chunk; `streaming="true"` only; each threshold is a bucket of its own',
    read: (reading) => histogram(reading, requestMetrics.ttftSeconds, { streaming: "true" }),
  },
  {
    ...request,
    name: "request_streaming_tpot_seconds",
    help: "Mean time per output token after the first, of streamed responses.",
    from: "`attain_request_tpot_seconds`",
    differs: "to the last token instead of the end; token events are counted where there is no usage",
    read: (reading) => histogram(reading, requestMetrics.tpotSeconds),
  },
  {
    ...request,
    name: "request_duration_seconds",
    help: "Arrival to the end of the response.",
    from: "`attain_request_duration_seconds`",
    differs: "completed responses only: a fast failure does not look like a fast answer",
    read: (reading) => histogram(reading, requestMetrics.durationSeconds),
  },
];
