import {
  endpointMetrics,
  objectiveMetrics,
  pickerMetrics,
  poolMetrics,
  recordedSeries,
  requestMetrics,
} from "#metrics";
import { absent, maxBy, prometheusSeries, quantile, rate, series, sumBy, topk } from "#promql";
import type { AlertName } from "../alert-name.ts";
import { objectiveLabels } from "../objective-rules.ts";
import type { RunbookSection } from "./section.ts";

const detail = { uid: "attain-objective-detail", variables: ["pool", "objective"] } as const;
const judged = series(objectiveMetrics.requestsTotal, { verdict: ["met", "missed"] });
const missedByReason = {
  question: "Why do requests miss?",
  expression: sumBy([...objectiveLabels, "reason"], rate(series(objectiveMetrics.missedTotal), "5m")),
};
const saturation = { question: "Is the pool full?", expression: maxBy(["pool"], series(poolMetrics.saturationRatio)) };
const traffic = { question: "How much traffic is there?", expression: sumBy(objectiveLabels, rate(judged, "5m")) };

type ObjectiveAlert = Extract<
  AlertName,
  | "AttainErrorBudgetBurn"
  | "AttainErrorBudgetExhausted"
  | "AttainSheddingHigh"
  | "AttainObjectiveNoTraffic"
  | "AttainObjectiveMetricsAbsent"
>;

/** Sections of the alerts that each objective has. */
export const objectiveSections: Readonly<Record<ObjectiveAlert, RunbookSection>> = {
  AttainErrorBudgetBurn: {
    summary: "An objective misses so many requests that its error budget will not last.",
    dashboard: detail,
    symptom:
      "Users of this objective wait too long for the first token, for the tokens after it or for the whole answer, or get errors.",
    meaning:
      "In both windows named by the alert more requests missed than the budget bears. Label `burn` says how fast; severity critical is to be looked at now, warning in working hours. Missed means judged and missed: excluded and untargeted requests are in neither number (docs/attainment.md).",
    queries: [
      missedByReason,
      {
        question: "Do the misses come from some models only?",
        expression: quantile(0.9, series(requestMetrics.ttftSeconds), {
          window: "5m",
          by: [...objectiveLabels, "model"],
        }),
      },
      saturation,
    ],
    causes: [
      "More load than the replicas can serve within the thresholds (reasons `ttft`, `tpot`, `shed`, `queue_full`).",
      "A model server that fails or is cut off (reason `upstream_error`).",
      "One slow endpoint among good ones: compare endpoints on the Endpoints dashboard.",
      "Longer prompts or answers than the thresholds were made for.",
    ],
    fixes: [
      "Reason `ttft`, `shed` or `queue_full` with saturation near 1: add replicas, or lower the load of sheddable objectives.",
      "Reason `upstream_error`: read the log of the model server; take the endpoint out of the pool.",
      "Reason `tpot` without saturation: lower the batch size of the model server, or move long generations to an objective of their own.",
      "If the promise was wrong, change the thresholds or the target in the InferenceSLO and render the alerts again.",
    ],
  },
  AttainErrorBudgetExhausted: {
    summary: "An objective has spent its error budget of the whole period.",
    dashboard: detail,
    symptom: "Over the period the objective is not met. Whether users suffer at this moment is not said here.",
    meaning:
      "Of the requests judged in the period, more missed than 1 − target. The period slides: the budget comes back as bad days leave it.",
    queries: [
      { question: "How much is left?", expression: series(recordedSeries.budgetRemaining) },
      { question: "Is it still being spent, and how fast?", expression: series(recordedSeries.burnRate) },
      missedByReason,
    ],
    causes: [
      "An incident within the period.",
      "A slow burn below the thresholds of the burn-rate alerts.",
      "A target or threshold that the pool cannot reach.",
    ],
    fixes: [
      "Hold back risky changes to this pool until the budget is positive again.",
      "Where the burn rate is above 1 now, follow AttainErrorBudgetBurn.",
      "Where it never was below 1, the promise does not fit the pool: add capacity or change it.",
    ],
  },
  AttainSheddingHigh: {
    summary: "So many requests of an objective are refused that its error budget will not last.",
    dashboard: { uid: "attain-flow", variables: ["pool", "objective"] },
    symptom: "Clients get 429 or 503 with `x-llm-d-request-dropped-reason`.",
    meaning:
      "The picker refused requests before a model server saw them (`shed`, `queue_full`, `ttl_expired`, `evicted`), at a pace at which refusals alone spend the budget. Critical when no objective of the pool has a higher priority.",
    queries: [
      missedByReason,
      saturation,
      {
        question: "Which endpoints take the load?",
        expression: topk(10, series(endpointMetrics.requestsInFlight)),
      },
    ],
    causes: [
      "More demand than capacity.",
      "Endpoints that left the pool, or whose metrics are stale.",
      "A concurrency or queue limit that is set too low.",
    ],
    fixes: [
      "Add replicas; look why the autoscaler did not.",
      "Bring back endpoints: see AttainEndpointScrapeStale and AttainPoolNoEndpoints.",
      "If lower classes should be refused first, give them a lower, negative priority.",
    ],
  },
  AttainObjectiveNoTraffic: {
    summary: "An objective that had traffic has none.",
    dashboard: detail,
    symptom: "None here; clients may fail before they reach the gateway.",
    meaning: "No request of the objective ended in the window. A pool that is idle on purpose is no fault.",
    queries: [
      traffic,
      {
        question: "Do requests name another objective?",
        expression: sumBy(["pool"], rate(series(pickerMetrics.unknownObjectiveRequestsTotal), "5m")),
      },
      {
        question: "Did requests arrive that do not end?",
        expression: sumBy(objectiveLabels, series(requestMetrics.inFlight)),
      },
    ],
    causes: [
      "Clients stopped, or are idle.",
      "The objective's name was changed at one end only.",
      "A route or the gateway fails before the picker is asked.",
    ],
    fixes: [
      "Send one request with the objective's header and look for it in `/debug/requests`.",
      "Compare the header that clients send with the name of the InferenceObjective.",
      "Remove the objective if nobody uses it.",
    ],
  },
  AttainObjectiveMetricsAbsent: {
    summary: "No picker reports on an objective.",
    dashboard: { uid: "attain-picker", variables: [] },
    symptom: "Panels of the objective are empty. Users may or may not suffer: that is what cannot be seen.",
    meaning: "Prometheus has no counter of the objective. Its burn-rate alerts cannot fire while this one does.",
    queries: [
      { question: "Are pickers scraped?", expression: series(prometheusSeries.up) },
      { question: "Which objectives do pickers know?", expression: series(objectiveMetrics.info) },
      {
        question: "Is there anything at all of ours?",
        expression: absent(series(objectiveMetrics.requestsTotal)),
      },
    ],
    causes: [
      "Pickers are down, or Prometheus cannot reach them.",
      "The objective was removed or renamed, and these alerts were not rendered again.",
      "The picker serves a pool of another name than the alert asks for.",
    ],
    fixes: [
      "Repair the scrape: see AttainPickerDown.",
      "Render the alerts from the objectives that the pickers have loaded.",
      "Compare `--pool-name` of the picker with `poolRef` of the objective.",
    ],
  },
};
