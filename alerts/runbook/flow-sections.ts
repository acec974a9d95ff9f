import { flowMetrics, pickerMetrics, poolMetrics } from "#metrics";
import { maxBy, rate, series, sumBy } from "#promql";
import type { AlertName } from "../alert-name.ts";
import { roomRefusals } from "../flow-alerts.ts";
import { objectiveLabels } from "../objective-rules.ts";
import type { RunbookSection } from "./section.ts";

const flow = { uid: "attain-flow", variables: ["pool"] } as const;
const outcomes = series(flowMetrics.outcomesTotal);
const isFull = {
  question: "How full is each endpoint?",
  expression: maxBy(["pool", "endpoint"], series(flowMetrics.endpointSaturationRatio)),
};
const endpointsByState = {
  question: "Which endpoints do pickers know, by state?",
  expression: maxBy(["pool", "state"], sumBy(["pool", "state", "instance"], series(poolMetrics.endpoints))),
};

type FlowAlert = Extract<
  AlertName,
  "AttainFlowConcurrencyOnly" | "AttainImportantRefused" | "AttainHeldForZero" | "AttainQueueOld"
>;

/** Sections of the alerts of flow control. */
export const flowSections: Readonly<Record<FlowAlert, RunbookSection>> = {
  AttainFlowConcurrencyOnly: {
    summary: "Flow control dispatches without current metrics of any endpoint.",
    dashboard: { uid: "attain-pool", variables: ["pool"] },
    symptom: "Nothing at first: requests go on, spread by count.",
    meaning:
      "No endpoint has a fresh scrape, at one picker at least. Its own requests in flight, counted exactly, keep each endpoint within its capacity; load of other pickers or clients is not seen, so endpoints can be fuller than it thinks.",
    queries: [
      {
        question: "Which pickers?",
        expression: maxBy(["instance", "mode"], series(flowMetrics.mode)),
      },
      {
        question: "Which scrapes fail, and why?",
        expression: sumBy(["pool", "endpoint", "reason"], rate(series(pickerMetrics.scrapeFailuresTotal), "5m")),
      },
      endpointsByState,
    ],
    causes: [
      "The metrics port, path or TLS settings of the model servers changed, all at once.",
      "A network policy between picker and model servers.",
      "Model servers so overloaded that none answers a scrape in time.",
    ],
    fixes: [
      "Fetch the metrics page of one endpoint from the picker's pod.",
      "Correct the engine's metrics settings in the EndpointPickerConfig.",
      "With several pickers, lower the capacity of endpoints until scrapes work: `ledger-detector`, `maxConcurrency`.",
    ],
  },
  AttainImportantRefused: {
    summary: "Requests that are not sheddable are refused for lack of room.",
    dashboard: { uid: "attain-flow", variables: ["pool", "objective"] },
    symptom: "Clients of the objective get 429 with `retry-after`.",
    meaning:
      "More than 1 % of the requests of an objective with a priority of at least 0 left flow control refused: the queue was full, they waited for as long as they may, or they gave way to more important ones. The priority is the objective's; a request may have been sent at a lower one. Refusals of an empty pool are not counted (AttainPoolNoEndpoints).",
    queries: [
      {
        question: "Which refusals?",
        expression: sumBy(
          [...objectiveLabels, "outcome"],
          rate(series(flowMetrics.outcomesTotal, { outcome: roomRefusals }), "5m"),
        ),
      },
      isFull,
      {
        question: "Who gets the tokens?",
        expression: sumBy(objectiveLabels, rate(series(flowMetrics.dispatchedTokensTotal), "5m")),
      },
    ],
    causes: [
      "The load of important objectives alone is more than the pool can serve.",
      "Limits of a priority band, or its time to live, are too small for its bursts.",
      "Endpoints have less capacity than they could: they were learned, or set by hand, while answers were slow.",
      "Outcome `filtered_out`: the filters of the profile leave no endpoint. Outcome `no_band`: more priorities than there may be bands.",
    ],
    fixes: [
      "Add replicas.",
      "Give what can wait a priority below 0.",
      "Raise `maxRequests` or `defaultRequestTTL` of the band where bursts are short.",
      "Compare the capacity of endpoints with what they have in flight when their latencies are good; raise `capacity.min` of the `ledger-detector`.",
    ],
  },
  AttainHeldForZero: {
    summary: "Requests wait for the first endpoint of a pool, for longer than a start takes.",
    dashboard: { uid: "attain-pool", variables: ["pool"] },
    symptom: "Clients wait, then get 503 with `retry-after`.",
    meaning:
      "The pool has no endpoints, and some request has waited for one at every scrape for more than twice the expected cold start (learned; 60 s until one was seen), and 2 minutes more. The demand is exported for the autoscaler: attain_flow_held_requests and attain_flow_held_tokens.",
    queries: [
      {
        question: "How much waits?",
        expression: maxBy(["pool"], series(flowMetrics.heldRequests)),
      },
      {
        question: "How long does a start take?",
        expression: maxBy(["pool"], series(flowMetrics.expectedColdStartSeconds)),
      },
      endpointsByState,
    ],
    causes: [
      "The autoscaler does not see the demand, or may not scale up.",
      "Pods of model servers are pending: no free GPU, image or weights that do not load.",
      "Pods are ready and not discovered: the pool's selector or the endpoints file matches nothing.",
    ],
    fixes: [
      "`kubectl get pods` with the pool's selector, and `kubectl describe` of one that is pending.",
      "Scale the deployment by hand; then see why the autoscaler did not.",
      "Keep one replica where starts take longer than clients wait.",
    ],
  },
  AttainQueueOld: {
    summary: "A request that is not sheddable has waited for a long time, all the time.",
    dashboard: flow,
    symptom: "Clients wait for their first token for half a minute and more.",
    meaning:
      "The oldest request of some priority band of at least 0 was older than 30 s at every scrape, and the pool has endpoints. AttainQueueWaitHigh sees only what was dispatched, of objectives with a TTFT threshold; this one sees what is not dispatched. Where flow control only observes, it is what would wait.",
    queries: [
      {
        question: "Which band waits?",
        expression: maxBy(["pool", "priority"], series(flowMetrics.queueOldestAgeSeconds)),
      },
      {
        question: "How much waits there?",
        expression: sumBy(["pool", "priority"], series(flowMetrics.queueRequests)),
      },
      {
        question: "What becomes of requests?",
        expression: sumBy([...objectiveLabels, "outcome"], rate(outcomes, "5m")),
      },
    ],
    causes: [
      "The pool is saturated by requests of higher priority, or by this band alone.",
      "The band may use only a small share of the pool: see its ceiling.",
      "One subset of endpoints is asked for, and it is full.",
      "Requests in flight never end: a model server hangs.",
    ],
    fixes: [
      "Add replicas, or lower the priority of what can wait.",
      "Raise the ceiling of the band: `usageLimitPolicyPluginRef`.",
      "Shorten `defaultRequestTTL`, so that clients learn sooner that there is no room.",
      "Restart a model server whose requests in flight do not end.",
    ],
  },
};
