import { objectiveMetrics, pickerMetrics, poolMetrics, requestMetrics } from "#metrics";
import { countBy, quantile, rate, ratio, countOf, sumOf, increase, series, sumBy, maxBy } from "#promql";
import type { AlertName } from "../alert-name.ts";
import { objectiveLabels } from "../objective-rules.ts";
import type { RunbookSection } from "./section.ts";

const pool = { uid: "attain-pool", variables: ["pool"] } as const;
const endpointsByState = {
  question: "Which endpoints do pickers know, by state?",
  expression: maxBy(["pool", "state"], sumBy(["pool", "state", "instance"], series(poolMetrics.endpoints))),
};
const scrapeFailures = {
  question: "Which scrapes fail, and why?",
  expression: sumBy(["pool", "endpoint", "reason"], rate(series(pickerMetrics.scrapeFailuresTotal), "5m")),
};
const queue = series(requestMetrics.queueSeconds);

type PoolAlert = Extract<
  AlertName,
  "AttainPoolNoEndpoints" | "AttainEndpointScrapeStale" | "AttainQueueWaitHigh" | "AttainUnknownObjective"
>;

/** Sections of the alerts that each pool has. */
export const poolSections: Readonly<Record<PoolAlert, RunbookSection>> = {
  AttainPoolNoEndpoints: {
    summary: "Requests reach a pool that has no endpoints.",
    dashboard: pool,
    symptom: "Every request to the pool is refused with 503.",
    meaning:
      "No picker knows an endpoint of the pool, and requests arrive. A pool that is scaled to zero and idle does not alert.",
    queries: [
      endpointsByState,
      {
        question: "How many requests are refused?",
        expression: sumBy(["pool", "code"], rate(series(pickerMetrics.refusalsTotal), "5m")),
      },
      scrapeFailures,
    ],
    causes: [
      "The deployment of model servers is scaled to zero, or none of its pods is ready.",
      "The pool's selector or the endpoints file matches nothing.",
      "Target port changed.",
    ],
    fixes: [
      "`kubectl get pods` with the pool's selector; start replicas.",
      "Compare the selector of the InferencePool with the labels of the pods.",
      "Read the endpoints file that the picker follows: a refused reload keeps the previous one (AttainConfigInvalid).",
    ],
  },
  AttainEndpointScrapeStale: {
    summary: "A picker schedules over endpoints whose metrics it does not have.",
    dashboard: { uid: "attain-endpoints", variables: ["pool"] },
    symptom: "Load spreads unevenly; time to first token varies more between requests.",
    meaning:
      "The picker's scrapes of model servers fail or are late. It still sends requests to these endpoints, scored as the mean of the known ones.",
    queries: [
      scrapeFailures,
      endpointsByState,
      {
        question: "Are scrapes slow?",
        expression: quantile(0.99, series(pickerMetrics.scrapeDurationSeconds), { window: "5m", by: ["pool"] }),
      },
    ],
    causes: [
      "Model servers that are starting, hung or overloaded.",
      "A metrics port, path or TLS setting that does not fit the model server.",
      "A network policy between picker and model servers.",
    ],
    fixes: [
      "Fetch the metrics page of one stale endpoint from the picker's pod.",
      "Correct the engine's metrics settings in the EndpointPickerConfig.",
      "Restart a model server that answers requests but not `/metrics`.",
    ],
  },
  AttainQueueWaitHigh: {
    summary: "Requests spend more than half of their time to first token waiting in the picker.",
    dashboard: { uid: "attain-flow", variables: ["pool", "objective"] },
    symptom: "Time to first token rises although model servers are as fast as before.",
    meaning:
      "Mean of arrival to dispatch against half of the objective's TTFT threshold. Waiting counts as TTFT, because users wait for it.",
    queries: [
      {
        question: "How long do requests wait?",
        expression: ratio(
          sumBy(objectiveLabels, rate(sumOf(queue), "5m")),
          sumBy(objectiveLabels, rate(countOf(queue), "5m")),
        ),
      },
      {
        question: "How many requests are inside?",
        expression: sumBy(objectiveLabels, series(requestMetrics.inFlight)),
      },
      { question: "Is the pool full?", expression: maxBy(["pool"], series(poolMetrics.saturationRatio)) },
    ],
    causes: [
      "The pool is saturated.",
      "The picker itself is slow (AttainPickerOverloaded).",
      "Bodies arrive slowly from the proxy.",
    ],
    fixes: [
      "Add replicas.",
      "Shed earlier: lower the queue limits of sheddable objectives.",
      "Give the picker more CPU when its decisions are slow.",
    ],
  },
  AttainUnknownObjective: {
    summary: "Clients name an objective nobody configured.",
    dashboard: { uid: "attain-slo-overview", variables: ["pool"] },
    symptom: "These requests are served with priority 0 and judged by no target.",
    meaning:
      "The objective header holds a name that the picker does not know. The name itself is in the log once, never in a label.",
    queries: [
      {
        question: "How many, of which pool?",
        expression: sumBy(["pool"], increase(series(pickerMetrics.unknownObjectiveRequestsTotal), "1h")),
      },
      { question: "Which objectives are known?", expression: countBy(objectiveLabels, series(objectiveMetrics.info)) },
      {
        question: "Did an objective lose its traffic?",
        expression: sumBy(objectiveLabels, rate(series(objectiveMetrics.requestsTotal), "5m")),
      },
    ],
    causes: [
      "A misspelt header.",
      "An InferenceObjective that was removed or renamed.",
      "A picker that has not loaded the newest objectives.",
    ],
    fixes: ["Correct the header in the client.", "Apply the InferenceObjective again.", "See AttainConfigInvalid."],
  },
};
